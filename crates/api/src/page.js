// Says whether the server is well, and shows the address this page came from.
document.getElementById('origin').textContent = location.origin
const health = document.getElementById('health')
fetch('/health').then(
  (answer) => { health.textContent = answer.ok ? 'it is well' : 'it is not well: see /health' },
  () => { health.textContent = 'it does not answer' },
)
