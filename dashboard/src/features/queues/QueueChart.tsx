/** The last quarters of an hour of a queue, small: what came and was answered, and waits against the promise. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Interval } from '../../live/service.ts'
import { useTheme } from '../../ui/theme.ts'
import { timeOfDay } from '../../util/time.ts'
import { words } from '../../words.ts'

const HEIGHT_PX = 110
/** Two hours: the last one, and the one it is compared with. */
const QUARTERS = 8

/** A line of a chart: dashed for what the other is measured by. */
interface Line {
  readonly name: string
  readonly values: readonly (number | null)[]
  readonly isMeasure: boolean
}

interface Props {
  readonly name: string
  readonly intervals: readonly Interval[]
  readonly targetSeconds: number
}

export function QueueCharts({ name, intervals, targetSeconds }: Props) {
  const last = intervals.slice(-QUARTERS)
  const starts = last.map(({ start }) => start)
  return (
    <div className="charts">
      <Chart
        title={words.queues.chartCalls}
        label={words.queues.chartCallsOf(name)}
        starts={starts}
        lines={[
          { name: words.queues.figures.offered, values: last.map(it => it.offered), isMeasure: true },
          { name: words.queues.figures.answered, values: last.map(it => it.answered), isMeasure: false },
        ]}
      />
      <Chart
        title={words.queues.chartWaits(targetSeconds)}
        label={words.queues.chartWaitsOf(name)}
        starts={starts}
        lines={[
          { name: words.queues.target, values: last.map(() => targetSeconds), isMeasure: true },
          { name: words.queues.wait90, values: last.map(it => it.waitSeconds?.p90 ?? null), isMeasure: false },
        ]}
      />
    </div>
  )
}

function Chart({
  title,
  label,
  starts,
  lines,
}: {
  title: string
  label: string
  starts: readonly string[]
  lines: readonly Line[]
}) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  const drawn = JSON.stringify([starts.map(start => Date.parse(start) / 1000), ...lines.map(({ values }) => values)])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours, and lines follow from what is drawn
  useEffect(() => {
    if (!place.current) return
    const style = getComputedStyle(place.current)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const axis = {
      stroke: colour('--faint'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
    }
    const chart = new uPlot(
      {
        width: place.current.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { show: false },
        padding: [6, 18, 0, 0],
        scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
        axes: [
          { ...axis, size: 22, values: (_, moments) => moments.map(at => timeOfDay(at * 1000).slice(-8, -3)) },
          { ...axis, size: 30, space: 24 },
        ],
        series: [
          {},
          ...lines.map(({ name, isMeasure }) =>
            isMeasure
              ? { label: name, stroke: colour('--faint'), width: 1.5, dash: [4, 3], points: { show: false } }
              : {
                  label: name,
                  stroke: colour('--accent'),
                  width: 2,
                  fill: colour('--accent-wash'),
                  points: { size: 5 },
                },
          ),
        ],
      },
      JSON.parse(drawn) as uPlot.AlignedData,
      place.current,
    )
    const observer = new ResizeObserver(([entry]) => {
      if (entry) chart.setSize({ width: entry.contentRect.width, height: HEIGHT_PX })
    })
    observer.observe(place.current)
    return () => {
      observer.disconnect()
      chart.destroy()
    }
  }, [drawn, theme])
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} aria-hidden="true" />
      <div className="unseen">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <td />
              {lines.map(line => (
                <th key={line.name} scope="col">
                  {line.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {starts.map((start, index) => (
              <tr key={start}>
                <th scope="row">{timeOfDay(start)}</th>
                {lines.map(line => (
                  <td key={line.name}>{line.values[index] ?? words.none}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}
