/** The frame around every page: where one can go, how fresh it all is, and what must not be missed. */
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { whoIsHere } from './api/session.ts'
import { AlertsPage } from './features/alerts/AlertsPage.tsx'
import { CallsPage } from './features/calls/CallsPage.tsx'
import { useKeys } from './keys.ts'
import { severity } from './live/alerts.ts'
import { useLive, useTrust } from './live/useLive.ts'
import { Announcer, announce } from './ui/Announcer.tsx'
import { Freshness } from './ui/Freshness.tsx'
import { Icon } from './ui/Icon.tsx'
import { KeyDialog, KeyForm } from './ui/KeyDialog.tsx'
import { Dialog, Message } from './ui/parts.tsx'
import { chime, toggleSound, useSound } from './ui/sound.ts'
import { nextTheme, useTheme } from './ui/theme.ts'
import { link, usePlace } from './util/url.ts'
import { words } from './words.ts'

const QueuesPage = lazy(() => import('./features/queues/QueuesPage.tsx').then(it => ({ default: it.QueuesPage })))
const AuditPage = lazy(() => import('./features/audit/AuditPage.tsx').then(it => ({ default: it.AuditPage })))
const WallPage = lazy(() => import('./features/wall/WallPage.tsx').then(it => ({ default: it.WallPage })))

const PAGES = [
  ['/', words.pages.calls],
  ['/alerts', words.pages.alerts],
  ['/queues', words.pages.queues],
  ['/audit', words.pages.audit],
  ['/wall', words.pages.wall],
] as const

export function App() {
  const { path } = usePlace()
  const [hasHelp, setHelp] = useState(false)
  const isOutdated = useLive(shown => shown.isOutdated)
  const isPaused = useLive(shown => !!shown.pause)
  const { trust } = useTrust()
  const unseen = useUnseen()
  const showHelp = useCallback(() => setHelp(true), [])
  useKeys(showHelp)
  const page = path.startsWith('/calls/') ? words.pages.calls : PAGES.find(([to]) => to === path)?.[1]
  useEffect(() => {
    const title = page ? `${page} · ${words.product}` : words.product
    document.title = unseen > 0 ? `(${unseen}) ${title}` : title
  }, [page, unseen])

  const isOld = trust === 'reconnecting' || trust === 'stale' || trust === 'offline'
  const content =
    trust === 'locked' ? (
      <div className="page narrow">
        <h1>{words.key.title}</h1>
        <KeyForm why="read" wasRefused={!!whoIsHere()} />
      </div>
    ) : (
      <Suspense fallback={<div className="page" />}>{pageAt(path)}</Suspense>
    )
  const overlays = (
    <>
      {hasHelp && <Keyboard onClose={() => setHelp(false)} />}
      <KeyDialog />
      <Announcer />
    </>
  )
  const frame = `app trust-${trust}${isOld ? ' is-old' : ''}${isPaused ? ' is-paused' : ''}`
  if (path === '/wall' && trust !== 'locked') {
    return (
      <div className={frame}>
        {isOutdated && <Outdated reloadsByItself />}
        {content}
        {overlays}
      </div>
    )
  }
  return (
    <div className={frame}>
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <header className="top">
        <a className="brand" {...link('/')}>
          {words.product}
        </a>
        <nav aria-label={words.navigation}>
          {PAGES.map(([to, name]) => (
            <a key={to} {...link(to)} aria-current={name === page ? 'page' : undefined}>
              {name}
              {to === '/alerts' && unseen > 0 && (
                <>
                  {' '}
                  <span className="bubble">{unseen > 999 ? '999+' : unseen}</span>
                </>
              )}
            </a>
          ))}
        </nav>
        <Freshness />
        <Tools showHelp={showHelp} />
      </header>
      {isOutdated && <Outdated />}
      <main id="content" tabIndex={-1}>
        {content}
      </main>
      {overlays}
    </div>
  )
}

function pageAt(path: string) {
  const id = /^\/calls\/(.+)$/.exec(path)?.[1]
  if (path === '/') return <CallsPage open={undefined} />
  if (id !== undefined) return <CallsPage open={decoded(id)} />
  if (path === '/alerts') return <AlertsPage />
  if (path === '/queues') return <QueuesPage />
  if (path === '/audit') return <AuditPage />
  if (path === '/wall') return <WallPage />
  return (
    <Message title={words.failed.missingPage}>
      <p>{words.failed.missingPageHow}</p>
      <p>
        <a className="button" {...link('/')}>
          {words.failed.toCalls}
        </a>
      </p>
    </Message>
  )
}

function decoded(text: string) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** How many alerts nobody took note of; says so when critical ones come. */
function useUnseen() {
  const alerts = useLive(shown => shown.alerts)
  const isWhole = useLive(({ connection }) => connection.isWhole)
  const known = useRef<ReadonlySet<string>>(undefined)
  useEffect(() => {
    if (!isWhole) return
    const critical = [...alerts.values()].filter(alert => !alert.acknowledgedAt && severity(alert) === 'critical')
    const fresh = known.current ? critical.filter(({ id }) => !known.current?.has(id)) : []
    known.current = new Set(critical.map(({ id }) => id))
    const [first] = fresh
    if (!first) return
    announce(words.alerts.announced(fresh.length, first.message), { urgent: true })
    chime()
  }, [alerts, isWhole])
  let count = 0
  for (const { acknowledgedAt } of alerts.values()) if (!acknowledgedAt) count += 1
  return count
}

function Tools({ showHelp }: { showHelp: () => void }) {
  const theme = useTheme()
  const hasSound = useSound()
  const themeName = `${words.theme.label}: ${words.theme[theme]}`
  return (
    <div className="tools">
      <button
        type="button"
        className="quiet"
        aria-pressed={hasSound}
        aria-label={hasSound ? words.sound.turnOff : words.sound.turnOn}
        title={hasSound ? words.sound.on : words.sound.off}
        onClick={toggleSound}
      >
        <Icon name={hasSound ? 'sound' : 'mute'} />
      </button>
      <button type="button" className="quiet" aria-label={themeName} title={themeName} onClick={nextTheme}>
        <Icon name={theme === 'system' ? 'system_theme' : theme === 'light' ? 'sun' : 'moon'} />
      </button>
      <button type="button" className="quiet" aria-label={words.help} title={`${words.help} (?)`} onClick={showHelp}>
        <Icon name="keyboard" />
      </button>
    </div>
  )
}

const Keyboard = ({ onClose }: { onClose: () => void }) => (
  <Dialog title={words.keyboard.title} onClose={onClose}>
    <dl className="keys">
      {words.keyboard.keys.map(([keys, does]) => (
        <div key={keys}>
          <dt>
            <kbd>{keys}</kbd>
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
)

/** A wall has nobody to press a button: it reloads by itself. */
function Outdated({ reloadsByItself = false }: { reloadsByItself?: boolean }) {
  useEffect(() => {
    if (!reloadsByItself) return
    const timer = setTimeout(() => location.reload(), 5_000)
    return () => clearTimeout(timer)
  }, [reloadsByItself])
  return (
    <p className="banner" role="status">
      {words.outdated.text}{' '}
      <button type="button" onClick={() => location.reload()}>
        {words.outdated.reload}
      </button>
    </p>
  )
}
