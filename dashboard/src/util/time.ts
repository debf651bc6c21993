/** Times and spans as people read them. Times are in the viewer's zone; UTC is a hover away. */

const two = (number: number) => String(number).padStart(2, '0')

/** `0:07`, `12:31`, `1:02:03`; of a negative span, nothing has gone by. */
export function clock(seconds: number) {
  const whole = Math.max(0, Math.floor(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** `420 ms`, `2.4 s`, `38 s`. */
export function span(ms: number) {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${Number((ms / 1_000).toFixed(1))} s`
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  return `${Math.round(ms / 3_600_000)} h`
}

const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })

/** `14:03:07`, with the day where it is not today. */
export function timeOfDay(moment: string | number) {
  const date = new Date(moment)
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday ? TIME.format(date) : `${DAY.format(date)} ${TIME.format(date)}`
}

/** `2026-11-21 14:03:07.123 UTC`. */
export const utc = (moment: string | number) => new Date(moment).toISOString().replace('T', ' ').replace('Z', ' UTC')
