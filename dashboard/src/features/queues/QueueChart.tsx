/** The last hours of a queue in quarters: offered and answered. A table for whoever cannot see it. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Queue } from '../../api/client.ts'
import type { Figures } from '../../live/figures.ts'
import { useTheme } from '../../ui/theme.ts'
import { words } from '../../words.ts'

const HEIGHT_PX = 120
const QUARTERS = 8

export function QueueChart({
  queue,
  intervals,
}: {
  queue: Queue
  intervals: readonly (Figures & { start: string })[]
}) {
  const place = useRef<HTMLDivElement>(null)
  const theme = useTheme()
  const last = intervals.slice(-QUARTERS)
  const drawn = JSON.stringify(
    last.map(({ start, offered, answered }) => [Date.parse(start) / 1000, offered, answered]),
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    if (!place.current) return
    const rows = JSON.parse(drawn) as [number, number, number][]
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
        cursor: { points: { size: 5 }, drag: { x: false, y: false } },
        scales: { y: { range: (_, __, max) => [0, Math.max(4, max)] } },
        axes: [axis, { ...axis, size: 32 }],
        series: [
          {},
          { label: words.queues.figures.offered, stroke: colour('--faint'), width: 1.5, dash: [4, 3] },
          { label: words.queues.figures.answered, stroke: colour('--accent'), width: 2, fill: colour('--accent-wash') },
        ],
      },
      [rows.map(([at]) => at), rows.map(([, offered]) => offered), rows.map(([, , answered]) => answered)],
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
      <figcaption>{words.queues.chart(queue.name)}</figcaption>
      <div ref={place} aria-hidden="true" />
      <table className="unseen">
        <tbody>
          {last.map(({ start, offered, answered }) => (
            <tr key={start}>
              <th scope="row">{start}</th>
              <td>
                {words.queues.figures.offered} {offered}
              </td>
              <td>
                {words.queues.figures.answered} {answered}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}
