/**
 * The last quarters of an hour of a queue, small: what came and was answered, and waits against the
 * promise. The quarter that runs is striped, so that nobody takes it for a bad one.
 */
import { useEffect, useRef } from 'react'
import { type Interval, QUARTER_MS } from '../../live/service.ts'
import { useIsDark } from '../../ui/theme.ts'
import { timeOfDay } from '../../util/time.ts'
import { words } from '../../words.ts'
import { Plot } from './plot.ts'
import { type Column, drawing, type Quarter, quarters } from './quarters.ts'

interface Props {
  readonly name: string
  readonly intervals: readonly Interval[]
  readonly targetSeconds: number
}

export function QueueCharts({ name, intervals, targetSeconds }: Props) {
  const shown = quarters(intervals)
  const runs = shown.at(-1)
  const { figures, wait90 } = words.queues
  return (
    <div className="charts">
      <Chart
        title={words.queues.chartCalls}
        label={words.queues.chartCallsOf(name)}
        nothing={words.queues.chartNoCalls}
        names={[figures.answered, figures.offered]}
        quarters={shown}
        columns={shown.map(({ interval }) => ({ value: interval?.answered, of: interval?.offered }))}
      />
      <Chart
        title={words.queues.chartWaits(targetSeconds)}
        label={words.queues.chartWaitsOf(name)}
        nothing={words.queues.chartNoWaits}
        names={[wait90]}
        quarters={shown}
        columns={shown.map(({ interval }) => ({ value: interval?.waitSeconds?.p90 }))}
        target={targetSeconds}
      />
      {runs && (
        <p className="chart-runs">
          {words.queues.chartRuns(clockTime(runs.startMs + QUARTER_MS), !!runs.interval?.offered)}
        </p>
      )}
    </div>
  )
}

interface ChartProps {
  readonly title: string
  readonly label: string
  readonly nothing: string
  readonly names: readonly string[]
  readonly quarters: readonly Quarter[]
  readonly columns: readonly Column[]
  readonly target?: number
}

function Chart({ title, label, nothing, names, quarters, columns, target }: ChartProps) {
  const runs = quarters.at(-1)
  if (!runs) return null
  const isEmpty = columns.every(({ value, of }) => !value && !of)
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div className="plot" aria-hidden="true">
        <Bars quarters={quarters} columns={columns} target={target} />
        {isEmpty && (
          <p className="plot-nothing">
            <span>{nothing}</span>
          </p>
        )}
      </div>
      <div className="unseen">
        <table>
          <caption>{label}</caption>
          <thead>
            <tr>
              <td />
              {names.map(name => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {quarters.map(({ startMs }, index) => (
              <tr key={startMs}>
                <th scope="row">{clockTime(startMs)}</th>
                {[columns[index]?.value, columns[index]?.of].slice(0, names.length).map((value, at) => (
                  <td key={names[at]}>{value ?? words.none}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}

type BarsProps = Pick<ChartProps, 'quarters' | 'columns'> & { readonly target: number | undefined }

/** The canvas, which knows the theme's colours only as they were when it was made. */
function Bars({ quarters, columns, target }: BarsProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot>(undefined)
  const isDark = useIsDark()
  const starts = quarters.map(({ startMs }, index) =>
    index < quarters.length - 1 ? clockTime(startMs) : words.queues.chartNow,
  )
  const drawn = JSON.stringify([drawing(columns, target), starts])

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    if (!place.current) return
    plot.current = new Plot(place.current)
    return () => plot.current?.end()
  }, [isDark])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new canvas is empty
  useEffect(() => plot.current?.show(...(JSON.parse(drawn) as Parameters<Plot['show']>)), [drawn, isDark])

  return <div ref={place} />
}

const clockTime = (ms: number) => timeOfDay(ms).slice(-8, -3)
