/** Where the page begins. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { Refusal } from './api/client.ts'
import { onPerson } from './api/session.ts'
import { live } from './live/live.ts'
import { Crash } from './ui/Crash.tsx'
import { applyTheme } from './ui/theme.ts'
import './style/base.css'
import './style/frame.css'
import './style/calls.css'
import './style/call.css'
import './style/pages.css'
import './style/charts.css'
import './style/audit.css'

applyTheme()

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // The socket knows about the network; what waits for a focus would be old by then.
      networkMode: 'always',
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && !(error instanceof Refusal && 400 <= error.status && error.status < 500),
      retryDelay: count => 500 * 2 ** count,
    },
  },
})
onPerson(() => void client.invalidateQueries())

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Crash>
        <QueryClientProvider client={client}>
          <App />
        </QueryClientProvider>
      </Crash>
    </StrictMode>,
  )
}
live.start()
