//! `switchboard verify`: is every call's history the one that was recorded?

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};
use store::Verdict;

use crate::{config::Serve, serve::open_store};

const PAGE: u32 = 1_000;
const SHOWN_MAX: usize = 20;

/// Checks every call, and fails where one does not hold.
pub(crate) async fn run(settings: Serve) -> Result<(), String> {
    settings.check()?;
    if settings.database_url.is_none() && !settings.data.join("switchboard.db").exists() {
        return Err(format!(
            "there is no data in {}; name its directory with --data",
            settings.data.display()
        ));
    }
    let store = open_store(&settings).await?;
    let bar = ProgressBar::new_spinner().with_style(
        ProgressStyle::with_template("{spinner} {pos} calls checked, {per_sec}")
            .map_err(|error| error.to_string())?,
    );
    let (mut after, mut events, mut broken) = (0, 0, Vec::new());
    loop {
        let page = store.chains(after, PAGE).await.map_err(|error| error.to_string())?;
        let Some(last) = page.last() else { break };
        after = last.no;
        bar.inc(page.len() as u64);
        for chain in &page {
            events += chain.events.len();
            if let Verdict::Broken { seq, why } = store::verify(store.audit_key().bytes(), chain) {
                broken.push(format!("call `{}`, event {seq}: {why}", chain.call));
            }
        }
    }
    let calls = bar.position();
    bar.finish_and_clear();
    store.close().await;
    if broken.is_empty() {
        let found = match calls {
            0 => "there are no calls: nothing to check".to_owned(),
            calls => format!("{calls} calls, {events} events: every history holds"),
        };
        // A reader that went away is no fault.
        let _ = writeln!(std::io::stdout(), "{found}");
        return Ok(());
    }
    let shown = broken.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join("\n  ");
    Err(format!("{} of {calls} histories do not hold:\n  {shown}", broken.len()))
}
