// What a chart shows on its canvas: bars and a target, in the colours of the theme, whichever that becomes.
import type { Schemas } from '../../src/api/client.ts'
import { expect, isLive, type Page, test } from './desk.ts'

const QUEUE = 'Legal, English'
/** The colours of the page in both themes, as a canvas has them. */
const LIGHT = { accent: '13,107,98', over: '179,38,30', text: '27,34,40' }
const DARK = { accent: '108,199,185', over: '255,147,137', text: '228,233,236' }

/** Where the charts of a queue have a colour, the one of calls first: how many points, and what part of the box around them. */
const drawn = (page: Page, colour: string) =>
  page
    .getByRole('region', { name: QUEUE })
    .locator('canvas')
    .evaluateAll(
      (charts, wanted) =>
        charts.map(chart => {
          const { width, height } = chart as HTMLCanvasElement
          const { data } = (chart as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? {}
          const places = Array.from({ length: width * height }, (_, place) => place).filter(
            place => `${data?.slice(4 * place, 4 * place + 4)}` === `${wanted},255`,
          )
          const size = (at: number[]) =>
            at.reduce((a, b) => Math.max(a, b), 0) - at.reduce((a, b) => Math.min(a, b)) + 1
          const box =
            places.length && size(places.map(it => it % width)) * size(places.map(it => (it - (it % width)) / width))
          return { points: places.length, part: box && places.length / box }
        }),
      colour,
    )

/** The quarter that runs, and seven before it. */
function earlier(intervals: readonly Schemas['IntervalFigures'][]) {
  return intervals.slice(-1).flatMap(last =>
    [8, 14, 90, 5, 3, 19, 26, 12].map((p90, index) => ({
      ...last,
      start: new Date(Date.parse(last.start) - (7 - index) * 900_000).toISOString(),
      offered: 6,
      answered: 6,
      waitSeconds: { ...last.waitSeconds, p90 },
    })),
  )
}

/** Two hours, in which the promise was broken once. */
async function twoHours(page: Page) {
  await page.route('**/api/metrics/queues', async route => {
    const answer = await route.fetch()
    const service: Schemas['QueuesMetrics'] = await answer.json()
    const queues = service.queues.map(queue => ({ ...queue, intervals: earlier(queue.intervals) }))
    await route.fulfill({ response: answer, json: { ...service, queues } })
  })
  await page.reload()
  await isLive(page)
}

test('charts are drawn in the colours of the theme, and again in those of the next', async ({ open }) => {
  const page = await open('/queues')
  await twoHours(page)
  const are = (colours: typeof LIGHT, others: typeof LIGHT) =>
    expect(async () => {
      const [calls, waits] = await drawn(page, colours.accent)
      expect(calls?.points).toBeGreaterThan(2_000)
      expect(waits?.points).toBeGreaterThan(500)
      const [inTime, over] = await drawn(page, colours.over)
      expect(inTime?.points).toBe(0)
      expect(over?.points).toBeGreaterThan(500)
      const [, target] = await drawn(page, colours.text)
      expect(target?.points).toBeGreaterThan(80)
      const none = { points: 0, part: 0 }
      for (const colour of Object.values(others)) expect(await drawn(page, colour)).toEqual([none, none])
    }).toPass()
  await are(LIGHT, DARK)
  await page.emulateMedia({ colorScheme: 'dark' })
  await are(DARK, LIGHT)
  await page.getByRole('button', { name: 'Theme: System' }).click()
  await are(LIGHT, DARK)
  await page.getByRole('button', { name: 'Theme: Light' }).click()
  await are(DARK, LIGHT)
})

test('the quarter that runs has stripes, and a table says what the canvas shows', async ({ server, open }) => {
  const page = await open('/queues')
  await isLive(page)
  const calls = async () => (await drawn(page, LIGHT.accent))[0]
  await expect.poll(calls).toEqual({ points: 0, part: 0 })
  await server.initiate('c1', 'legal_english')
  await server.tell({ event: 'call_answered', callId: 'c1', waitTime: 3 })
  // The one bar is there, and about half of it is lighter.
  await expect.poll(async () => (await calls())?.points).toBeGreaterThan(80)
  const { part } = (await calls()) ?? { part: 0 }
  expect(part).toBeGreaterThan(0.25)
  expect(part).toBeLessThan(0.75)
  const table = page.getByRole('table', { name: `Calls offered and answered in ${QUEUE}, by quarter of an hour` })
  await expect(table.getByRole('row').last().getByRole('cell')).toHaveText(['1', '1'])
})

test('a chart is as wide as its place, however that changes', async ({ open }) => {
  const page = await open('/queues')
  await isLive(page)
  const chart = page.getByRole('region', { name: QUEUE }).locator('.plot').first()
  for (const width of [1280, 390, 760, 1440]) {
    await page.setViewportSize({ width, height: 800 })
    await expect
      .poll(() => chart.evaluate(it => (it.querySelector('canvas')?.clientWidth ?? 0) - it.clientWidth))
      .toBe(0)
  }
})
