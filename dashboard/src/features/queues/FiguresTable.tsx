/** Service figures of a queue, today and in the last hour; hovering a name shows its formula and source. */
import type { FigureName, Figures, QueueFigures, Service } from '../../live/service.ts'
import { clock } from '../../util/time.ts'
import { words } from '../../words.ts'

const SHOWN: readonly FigureName[] = [
  'offered',
  'answered',
  'abandoned',
  'serviceLevel',
  'asaSeconds',
  'ahtSeconds',
  'longestHoldSeconds',
  'transferRate',
  'ringNoAnswerRate',
]

/** A figure as people read it; nothing where it cannot be computed. */
export function figure(name: FigureName, value: number | undefined) {
  if (value === undefined) return words.none
  if (name.endsWith('Seconds')) return clock(value)
  if (name === 'serviceLevel' || name.endsWith('Rate')) return `${Math.round(value * 100)} %`
  return value.toLocaleString('en')
}

const wait90 = ({ waitSeconds }: Figures) => (waitSeconds ? clock(waitSeconds.p90) : words.none)

export function FiguresTable({ figures, service }: { figures: QueueFigures; service: Service }) {
  const formulaOf = (name: string) => {
    const how = service.formulas[name]
    return how && words.queues.formula(how.formula, how.source)
  }
  return (
    <table className="figures">
      <thead>
        <tr>
          <td />
          <th scope="col">{words.queues.periods.lastHour}</th>
          <th scope="col">{words.queues.periods.today}</th>
        </tr>
      </thead>
      <tbody>
        {SHOWN.map(name => {
          return (
            <tr key={name}>
              <th scope="row" title={formulaOf(name)}>
                {words.queues.figures[name]}
              </th>
              <td>{figure(name, figures.lastHour[name])}</td>
              <td>{figure(name, figures.today[name])}</td>
            </tr>
          )
        })}
        <tr>
          <th scope="row" title={formulaOf('waitSeconds')}>
            {words.queues.wait90}
          </th>
          <td>{wait90(figures.lastHour)}</td>
          <td>{wait90(figures.today)}</td>
        </tr>
      </tbody>
    </table>
  )
}
