// Writes the OpenAPI document of this server as a page: endpoints, what is said over the socket, types.
const make = (tag, ...children) => {
  const element = document.createElement(tag)
  element.append(...children.flat())
  return element
}

const classed = (name, element) => {
  element.className = name
  return element
}

const link = (to, text = to) => {
  const element = make('a', text)
  element.href = `#${to}`
  return element
}

const heading = (id, ...children) => {
  const element = make('h3', ...children)
  element.id = id
  return element
}

// Text in which `this` is code.
const prose = (text = '') =>
  text.split('`').map((part, index) => (index % 2 ? make('code', part) : part)).filter((part) => part !== '')

const paragraphs = (...texts) =>
  texts.filter(Boolean).flatMap((text) => text.split('\n\n')).map((text) => make('p', prose(text)))

const between = (lists, separator) => lists.flatMap((list, index) => (index ? [separator, ...list] : list))

// The name of a schema's type, with links to those that are described here.
const type = (schema = {}) => {
  if (schema.$ref) return [link(schema.$ref.split('/').pop())]
  const parts = schema.oneOf ?? schema.anyOf
  if (parts) return between(parts.map(type), ' | ')
  if (schema.allOf) return between(schema.allOf.filter(({ $ref }) => $ref).map(type), ' & ').concat(' with:')
  if (schema.enum) return [schema.enum.map((word) => `"${word}"`).join(' | ')]
  if (schema.type === 'array') return [...type(schema.items), '[]']
  if (schema.additionalProperties) return ['any object']
  return [[schema.type].flat().join(' | ')]
}

const table = (caption, rows) => {
  if (!rows.length) return []
  const body = rows.map(([name, types, what]) => {
    const first = make('th', name)
    first.scope = 'row'
    return make('tr', first, classed('type', make('td', types)), make('td', what))
  })
  return [make('table', caption ? make('caption', caption) : [], make('tbody', body))]
}

const bodyType = (content = {}) => type(Object.values(content)[0]?.schema)

const key = (security = []) => {
  if (!security.length) return []
  const isOptional = security.some((wanted) => !Object.keys(wanted).length)
  return [['X-API-Key', 'header', isOptional ? 'Needed where reading needs a key.' : 'Needed.']]
}

const endpoint = (method, path, { operationId, summary, description, parameters = [], requestBody, responses, security }) => {
  const sent = parameters.map(({ name, in: place, schema, required, description }) => [
    required ? name : `${name}?`,
    [...type(schema), `, ${place}`],
    prose(description),
  ])
  if (requestBody) sent.push(['body', bodyType(requestBody.content), prose(requestBody.description)])
  const answers = Object.entries(responses).map(([status, { description, content }]) => [
    status,
    content ? bodyType(content) : [],
    prose(description),
  ])
  return [
    heading(operationId, classed('method', make('span', method.toUpperCase())), path),
    ...paragraphs(summary, description),
    ...table('Sent', [...sent, ...key(security)]),
    ...table('Answered', answers),
  ]
}

const fields = ({ properties = {}, required = [] }) =>
  Object.entries(properties).map(([name, schema]) => [
    required.includes(name) ? name : `${name}?`,
    type(schema),
    prose(schema.description),
  ])

const described = (name, schema) => [
  heading(name, name),
  ...paragraphs(schema.description),
  ...(schema.properties ? [] : [classed('type', make('p', type(schema)))]),
  ...table('', [schema, ...(schema.allOf ?? [])].flatMap(fields)),
]

const SOCKET = [
  ['subscribe_call', ['string'], 'Follow a call, by its id.'],
  ['subscribe_calls', [link('SubscribeCalls')], 'Follow a queue, or all calls.'],
  ['subscribe_alerts', [link('SubscribeAlerts')], 'Follow alerts.'],
  ['subscribe_agents', [link('SubscribeAgents')], 'Follow agents.'],
  ['subscribe_metrics', [link('SubscribeMetrics')], 'Follow the figures of a queue, or of all of them.'],
  ['unsubscribe_call', ['string'], 'Follow a call no longer.'],
  ['unsubscribe_calls', ['{ queueId? }'], 'Follow a queue no longer, or no queue and not all calls.'],
  ['unsubscribe_alerts', [], 'Follow alerts no longer.'],
  ['unsubscribe_agents', [], 'Follow agents no longer.'],
  ['unsubscribe_metrics', ['{ queueId? }'], 'Follow the figures of a queue no longer, or no figures at all.'],
]

const HEARD = [
  ['call_status_update', [link('CallStatusUpdate')], 'An event was recorded.'],
  ['alert_update', [link('AlertUpdate')], 'An alert was raised, or somebody took note of it.'],
  ['agent_update', [link('AgentUpdate')], 'Something changed for an agent.'],
  ['warning', [link('Warning')], 'A promise to a followed call is about to be broken.'],
  ['metrics_update', [link('MetricsUpdate')], 'How followed queues stand changed; at most once a second.'],
  ['resync', [link('Resync')], 'Something was missed: fetch again.'],
]

const live = () => [
  make('h2', 'Live updates'),
  ...paragraphs('Over Socket.IO 4 at `/socket.io`, with any of its clients. Where reading needs a key, it goes in `auth.key`.'),
  make('p', 'Every command is answered, where the client asks for it, with ', link('Subscribed'), ' or ',
    make('code', '{ error: { code, message } }'), '.'),
  ...table('Commands', SOCKET),
  ...table('Heard', HEARD),
]

const contents = (operations) =>
  make('nav', make('ul', operations.map(([method, path, { operationId }]) =>
    make('li', link(operationId, `${method.toUpperCase()} ${path}`)))))

fetch('/api/openapi.json')
  .then((answer) => answer.json())
  .then(({ info, paths, components }) => {
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [method, path, operation]))
    document.getElementById('api').replaceChildren(
      ...paragraphs(info.description),
      contents(operations),
      make('h2', 'Endpoints'),
      ...operations.flatMap((operation) => endpoint(...operation)),
      ...live(),
      make('h2', 'Types'),
      ...Object.entries(components.schemas).flatMap(([name, schema]) => described(name, schema)),
    )
    // The place was asked for before it was there.
    document.getElementById(location.hash.slice(1))?.scrollIntoView()
  })
  .catch((error) => {
    document.getElementById('api').textContent = `The description could not be read: ${error.message}`
  })
