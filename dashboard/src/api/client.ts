/** Asking the server over HTTP. What it refuses becomes a `Refusal`, which says in words what to do. */
import type { components } from './schema.d.ts'
import { whoIsHere } from './session.ts'

export type Schemas = components['schemas']
export type Call = Schemas['Call']
export type CallEvent = Schemas['CallEvent']
export type Action = Schemas['Action']
export type Alert = Schemas['Alert']
export type Queue = Schemas['Queue']
export type Agent = Schemas['Agent']
export type Problem = Schemas['Problem']

const ANSWER_WITHIN_MS = 15_000

/** Why there is no answer. `status` is 0 where the server could not be reached at all. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail)
    this.name = 'Refusal'
  }

  /** The person has to give a key, or a better one. */
  get wantsKey() {
    return this.status === 401 || this.status === 403
  }
}

interface Asking {
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** Asks, and returns what came with its headers. Throws a `Refusal`. */
async function send(path: string, { method = 'GET', body, signal }: Asking): Promise<Response> {
  const person = whoIsHere()
  const limits = [AbortSignal.timeout(ANSWER_WITHIN_MS), ...(signal ? [signal] : [])]
  const asked: RequestInit = {
    method,
    cache: 'no-store',
    signal: AbortSignal.any(limits),
    headers: {
      ...(person && { 'x-api-key': person.key }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
  let answer: Response
  try {
    answer = await fetch(path, asked)
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Refusal(0, 'unreachable', '')
  }
  if (answer.ok) return answer
  const problem: Partial<Problem> = await answer.json().catch(() => ({}))
  throw new Refusal(answer.status, problem.code ?? 'unknown', problem.detail ?? problem.message ?? answer.statusText)
}

/** What is at a path, as JSON. */
export async function ask<T>(path: string, asking: Asking = {}): Promise<T> {
  const answer = await send(path, asking)
  return (await answer.json()) as T
}

/** A page of a list: what is on it, where the next one is, and since when was searched where it is one of a search. */
export async function askPage<T>(path: string, signal?: AbortSignal) {
  const answer = await send(path, { signal })
  const items = (await answer.json()) as T[]
  const next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]
  return { items, next, backTo: answer.headers.get('searched-back-to') ?? undefined }
}

/** A list, page after page, up to so many items; `isWhole` says whether that was all. */
export async function askAll<T>(path: string, most: number, signal?: AbortSignal) {
  const items: T[] = []
  let next: string | undefined = path
  while (next !== undefined && items.length < most) {
    const page: Awaited<ReturnType<typeof askPage<T>>> = await askPage<T>(next, signal)
    for (const item of page.items) items.push(item)
    next = page.next
  }
  return { items, isWhole: next === undefined }
}
