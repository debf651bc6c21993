//! The announcements that live clients wait for, each written as a packet once for all of them.

use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock},
};

use bus::{Announcement, Bus};
use engineioxide::Str;

use crate::packet;

const ANNOUNCEMENTS_MAX: usize = 4_096;

/// An announcement, and the packet it is sent as, written when the first client wants it.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) announcement: Arc<Announcement>,
    packet: OnceLock<Str>,
}

impl From<Arc<Announcement>> for Item {
    fn from(announcement: Arc<Announcement>) -> Self {
        Self { announcement, packet: OnceLock::new() }
    }
}

impl Item {
    /// The packet. Copies share their bytes.
    pub(crate) fn packet(&self) -> Str {
        self.packet.get_or_init(|| packet::announce(&self.announcement).into()).clone()
    }
}

/// The latest announcements, read from the bus.
#[derive(Debug)]
pub(crate) struct Window {
    items: VecDeque<Item>,
    through: u64,
}

impl Window {
    /// A window with nothing in it, at the head.
    pub(crate) fn at_head(bus: &Bus) -> Self {
        Self { items: VecDeque::new(), through: bus.head() }
    }

    /// The number of the last announcement that was read.
    pub(crate) fn through(&self) -> u64 {
        self.through
    }

    /// Reads on, and says how many it read. Where the bus no longer has what comes next, it goes on
    /// from the head, and clients that are not there yet find out for themselves.
    pub(crate) fn read(&mut self, bus: &Bus) -> usize {
        let Ok(news) = bus.after(self.through, ANNOUNCEMENTS_MAX) else {
            *self = Self::at_head(bus);
            return 0;
        };
        let read = news.len();
        self.through = news.last().map_or(self.through, |last| last.number);
        self.items.extend(news.into_iter().map(Item::from));
        let surplus = self.items.len().saturating_sub(ANNOUNCEMENTS_MAX);
        self.items.drain(..surplus);
        read
    }

    /// The announcements that were read last, oldest first.
    pub(crate) fn latest(&self, count: usize) -> impl Iterator<Item = &Announcement> {
        self.items.iter().rev().take(count).map(|item| &*item.announcement)
    }

    /// Everyone has everything.
    pub(crate) fn clear(&mut self) {
        self.items.clear();
    }

    /// What comes after a number; `None` where it was not read, or is no longer here.
    pub(crate) fn after(&self, number: u64) -> Option<impl Iterator<Item = &Item>> {
        let len = u64::try_from(self.items.len()).ok()?;
        let skipped = number.checked_sub(self.through - len)?;
        let skipped = usize::try_from(skipped).ok().filter(|&it| it <= self.items.len())?;
        Some(self.items.range(skipped..))
    }
}
