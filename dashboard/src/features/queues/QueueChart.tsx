/**
 * The last quarters of an hour of a queue, small: what came and was answered, and waits against the
 * promise. The quarter that runs is striped, so that nobody takes it for a bad one.
 */
import { type Interval, QUARTER_MS } from '../../live/service.ts'
import { timeOfDay } from '../../util/time.ts'
import { words } from '../../words.ts'
import { type Quarter, quarters, top } from './quarters.ts'

/** A bar, and the one behind it that it is measured by. */
interface Column {
  readonly value: number | undefined
  readonly of?: number | undefined
}

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
  const most = top([...columns.flatMap(({ value, of }) => [value, of]), target && target * 1.1])
  const tall = (value: number | undefined) => `${(100 * (value ?? 0)) / most}%`
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div className="plot" aria-hidden="true">
        <span className="plot-top">{most}</span>
        <span className="plot-half">{most / 2}</span>
        <span className="plot-zero">0</span>
        <div className="bars">
          {target !== undefined && <i className="bar-target" style={{ bottom: tall(target) }} />}
          {columns.map(({ value, of }, index) => (
            <span key={quarters[index]?.startMs} className={quarters[index] === runs ? 'bar bar-runs' : 'bar'}>
              {!!of && <i className="bar-of" style={{ height: tall(of) }} />}
              <i
                className={target !== undefined && target < (value ?? 0) ? 'bar-is bar-over' : 'bar-is'}
                style={{ height: tall(value) }}
              />
            </span>
          ))}
          {isEmpty && (
            <p className="plot-nothing">
              <span>{nothing}</span>
            </p>
          )}
        </div>
        <div className="starts">
          {quarters.map(({ startMs }) => (
            <span key={startMs}>{startMs === runs.startMs ? words.queues.chartNow : clockTime(startMs)}</span>
          ))}
        </div>
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

const clockTime = (ms: number) => timeOfDay(ms).slice(-8, -3)
