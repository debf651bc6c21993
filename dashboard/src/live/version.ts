/** Whether the server has been given another version of this page since it was loaded. */

const entry = (page: Document) => page.querySelector('script[type="module"][src]')?.getAttribute('src')

/** Asks for the page again and compares what it is made of: its files are named by their content. */
export async function isOutdated(): Promise<boolean> {
  const answer = await fetch('/', { cache: 'no-store', headers: { accept: 'text/html' } })
  if (!answer.ok) return false
  const theirs = entry(new DOMParser().parseFromString(await answer.text(), 'text/html'))
  return theirs != null && theirs !== entry(document)
}
