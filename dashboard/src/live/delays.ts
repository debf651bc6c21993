/** How long it lately took from an event at the server to the pixels here. */

export interface Delays {
  readonly medianMs: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly count: number
}

const KEPT_MAX = 512

export class Measured {
  private kept: number[] = []
  private next = 0

  add(ms: number) {
    this.kept[this.next] = Math.max(0, ms)
    this.next = (this.next + 1) % KEPT_MAX
  }

  clear() {
    this.kept = []
    this.next = 0
  }

  get delays(): Delays | undefined {
    if (this.kept.length === 0) return undefined
    const sorted = [...this.kept].sort((a, b) => a - b)
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
    return { medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1), count: sorted.length }
  }
}
