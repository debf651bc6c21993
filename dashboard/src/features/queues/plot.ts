/**
 * Bars on a canvas, with the target drawn in. A canvas knows nothing of style sheets: the theme's
 * colours are read once, as the browser computes them, and another theme needs another plot.
 */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { type Drawing, LOOKS, type Look, QUARTERS } from './quarters.ts'

const HEIGHT_PX = 112
const SCALE_PX = 26
const STARTS_PX = 20
/** How much of its place a bar takes. */
const WIDTH = 0.84
const STRIPE_PX = 4

/** One place for each quarter, and half a place at both ends, so that a target reaches from edge to edge. */
const PLACES = [-0.5, ...Array.from({ length: QUARTERS }, (_, index) => index), QUARTERS - 0.5]
/** Every other one has its time below it, with the running one. */
const TIMED = PLACES.filter(place => place % 2 === 1)

const COLOURS = ['--text', '--faint', '--line', '--accent', '--over'] as const
type Colours = Readonly<Record<(typeof COLOURS)[number], string>>

/** What a bar is filled with, or its outline; the running one is striped or dashed. */
const PAINT: Record<Look, { readonly fill?: keyof Colours; readonly outline?: keyof Colours; readonly runs?: true }> = {
  of: { outline: '--faint' },
  ofRuns: { outline: '--faint', runs: true },
  is: { fill: '--accent' },
  isRuns: { fill: '--accent', runs: true },
  over: { fill: '--over' },
  overRuns: { fill: '--over', runs: true },
}

export class Plot {
  #chart: uPlot
  #observer: ResizeObserver
  #top = 4
  #starts: readonly string[] = []

  constructor(place: HTMLElement) {
    const colours = computed(place)
    const axis = {
      stroke: colours['--faint'],
      font: `11px ${getComputedStyle(place).fontFamily}`,
      gap: 5,
      ticks: { show: false },
    }
    this.#chart = new uPlot(
      {
        width: place.clientWidth,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { show: false },
        padding: [7, 1, 0, 0],
        scales: {
          x: { time: false, range: [-0.5, QUARTERS - 0.5] },
          y: { range: () => [0, this.#top] },
        },
        axes: [
          {
            ...axis,
            size: STARTS_PX,
            grid: { show: false },
            splits: TIMED,
            values: (_, places) => places.map(at => this.#starts[at] ?? ''),
          },
          {
            ...axis,
            size: SCALE_PX,
            grid: { stroke: colours['--line'], width: 1 },
            splits: () => [0, this.#top / 2, this.#top],
            values: (_, values) => values.map(String),
          },
        ],
        series: [
          {},
          ...LOOKS.map(look => bars(look, colours)),
          { stroke: colours['--text'], width: 1, dash: [4, 3], points: { show: false } },
        ],
      },
      [PLACES, ...[...LOOKS, 'target'].map(() => PLACES.map(() => null))],
      place,
    )
    this.#observer = new ResizeObserver(([entry]) => {
      if (entry) this.#chart.setSize({ width: entry.contentRect.width, height: HEIGHT_PX })
    })
    this.#observer.observe(place)
  }

  /** Draws this, with these times below it. */
  show({ bars, target, top }: Drawing, starts: readonly string[]) {
    this.#top = top
    this.#starts = starts
    this.#chart.setData([
      PLACES,
      // The ends are no places for bars: `undefined`, or every bar would be as narrow as they are.
      ...LOOKS.map(look => [undefined, ...bars[look], undefined]),
      PLACES.map(() => target ?? null),
    ])
  }

  end() {
    this.#observer.disconnect()
    this.#chart.destroy()
  }
}

/** Bars of one look. */
function bars(look: Look, colours: Colours): uPlot.Series {
  const { fill, outline, runs } = PAINT[look]
  const paths = uPlot.paths.bars?.({ size: [WIDTH], radius: [0.06, 0] })
  return {
    ...(paths && { paths }),
    points: { show: false },
    ...(fill && { fill: runs ? () => stripes(colours[fill]) : colours[fill] }),
    width: outline ? 1 : 0,
    ...(outline && { stroke: colours[outline] }),
    ...(outline && runs && { dash: [3, 2] }),
  }
}

/** A colour, and a lighter one, aslant. */
function stripes(colour: string) {
  const width = Math.round(STRIPE_PX * devicePixelRatio)
  const tile = document.createElement('canvas')
  tile.width = tile.height = 2 * width
  const pen = tile.getContext('2d')
  if (!pen) return colour
  pen.fillStyle = colour
  pen.globalAlpha = 0.4
  pen.fillRect(0, 0, 2 * width, 2 * width)
  pen.globalAlpha = 1
  pen.beginPath()
  for (const corners of [
    [0, 0, 1, 0, 0, 1],
    [2, 0, 2, 1, 1, 2, 0, 2],
  ]) {
    for (let at = 0; at < corners.length; at += 2) {
      pen[at ? 'lineTo' : 'moveTo']((corners[at] ?? 0) * width, (corners[at + 1] ?? 0) * width)
    }
    pen.closePath()
  }
  pen.fill()
  return pen.createPattern(tile, 'repeat') ?? colour
}

/** The theme's colours as they are where the chart is: a variable itself still names both themes. */
function computed(place: HTMLElement): Colours {
  const probe = place.appendChild(document.createElement('i'))
  const colours = Object.fromEntries(
    COLOURS.map(name => {
      probe.style.color = `var(${name})`
      return [name, getComputedStyle(probe).color]
    }),
  ) as Colours
  probe.remove()
  return colours
}
