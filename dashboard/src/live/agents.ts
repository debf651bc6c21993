/**
 * What is known of every agent. An update carries the whole agent and updates come in order, so the
 * last one heard is right; a fetched list gives way to what was heard while it was on its way.
 */
import type { Agent } from '../api/client.ts'

export type Agents = ReadonlyMap<string, Agent>

export const NO_AGENTS: Agents = new Map()

/** The agents after one of them changed. */
export const withAgent = (agents: Agents, agent: Agent): Agents => new Map(agents).set(agent.id, agent)

/** The agents after all of them were fetched; `heard` are those we heard of meanwhile. */
export function agentsFetched(agents: Agents, fetched: readonly Agent[], heard: ReadonlySet<string>): Agents {
  const known = new Map(fetched.map(agent => [agent.id, agent]))
  for (const id of heard) {
    const agent = agents.get(id)
    if (agent) known.set(id, agent)
  }
  return known
}
