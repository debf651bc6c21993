/** Below the calls that ended: how far back they were searched, and a way further. */
import { reason } from '../../ui/parts.tsx'
import { timeOfDay } from '../../util/time.ts'
import { words } from '../../words.ts'
import type { Ended } from './ended.ts'

export function Further({ ended, isSearch }: { ended: Ended; isSearch: boolean }) {
  const { backTo, hasMore, isSearching, error, goOn } = ended
  const text = isSearching
    ? words.calls.searching
    : error
      ? `${words.failed.title}: ${reason(error)}`
      : backTo !== undefined
        ? (isSearch ? words.calls.searchedTo : words.calls.shownTo)(timeOfDay(backTo))
        : isSearch
          ? words.calls.searchedAll
          : undefined
  if (text === undefined) return null
  return (
    <div className="further">
      <p role="status" className={error && !isSearching ? 'wrong' : undefined}>
        {text}
      </p>
      {hasMore && (
        <button type="button" disabled={isSearching} onClick={goOn}>
          {error ? words.retry : isSearch ? words.calls.searchFurther : words.calls.showOlder}
        </button>
      )}
    </div>
  )
}
