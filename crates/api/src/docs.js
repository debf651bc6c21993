// Writes the OpenAPI document of this server as a page: endpoints first, then every type.
const make = (tag, text, ...children) => {
  const element = document.createElement(tag)
  if (text) element.textContent = text
  element.append(...children)
  return element
}

const typeName = (schema = {}) => {
  if (schema.$ref) return schema.$ref.split('/').pop()
  const parts = schema.oneOf ?? schema.anyOf ?? schema.allOf
  if (parts) return parts.map(typeName).join(' | ')
  if (schema.enum) return schema.enum.map((word) => `"${word}"`).join(' | ')
  if (schema.type === 'array') return `${typeName(schema.items)}[]`
  return [schema.type].flat().filter((type) => type !== 'null').join(' | ')
}

const table = (rows) => {
  const body = make('tbody')
  for (const [name, what] of rows) body.append(make('tr', '', make('td', name), make('td', what)))
  const wrap = make('div', '', make('table', '', body))
  wrap.className = 'scroll'
  return wrap
}

const bodyType = (content = {}) => Object.values(content).map(({ schema }) => typeName(schema))[0] ?? ''

const endpoint = (method, path, { summary, description, parameters = [], requestBody, responses, security }) => {
  const verb = make('span', method.toUpperCase())
  verb.className = 'method'
  const rows = parameters.map(({ name, in: place, description }) => [name, `${place}. ${description ?? ''}`])
  if (requestBody) rows.push(['body', bodyType(requestBody.content)])
  if (security) rows.push(['X-API-Key', 'header. A key is needed.'])
  for (const [status, { description, content }] of Object.entries(responses)) {
    rows.push([status, `${description} ${bodyType(content)}`])
  }
  return [make('h3', '', verb, path), make('p', [summary, description].filter(Boolean).join(' ')), table(rows)]
}

const described = (name, schema) => {
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]) => [
    schema.required?.includes(key) ? key : `${key}?`,
    `${typeName(value)}. ${value.description ?? ''}`,
  ])
  const values = schema.enum ? [make('p', typeName(schema))] : []
  return [make('h3', name), make('p', schema.description), ...values, table(rows)]
}

fetch('/api/openapi.json')
  .then((answer) => answer.json())
  .then(({ info, paths, components }) => {
    const parts = [make('p', info.description), make('h2', 'Endpoints')]
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(methods)) parts.push(...endpoint(method, path, operation))
    }
    parts.push(make('h2', 'Types'))
    for (const [name, schema] of Object.entries(components.schemas)) parts.push(...described(name, schema))
    document.getElementById('api').replaceChildren(...parts)
  })
  .catch((error) => {
    document.getElementById('api').textContent = `The description could not be read: ${error.message}`
  })
