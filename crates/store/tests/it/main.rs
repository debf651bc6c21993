//! What every database behind `store` must do, told once and run on each of them.

mod databases;
mod desk;
mod stories;

/// Gives each story one `#[test]` per database, so a failure names both.
macro_rules! on_every_database {
    ($($module:ident: $($story:ident)*;)*) => {
        mod sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $story() {
                crate::stories::$module::$story(crate::databases::sqlite()).await;
            })*)*
        }
        mod postgres {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $story() {
                let Some(database) = crate::databases::postgres().await else { return };
                crate::stories::$module::$story(database).await;
            })*)*
        }
    };
}

on_every_database! {
    recording:
        what_was_recorded_is_read_back
        any_call_survives_its_row
        several_events_of_a_call_are_one_batch
        what_is_refused_records_nothing
        a_reader_never_sees_half_a_batch
        what_cannot_be_stored_leaves_nothing
        a_decision_that_fails_harms_only_itself
        a_store_opened_again_remembers
        a_newer_schema_is_refused
        a_closed_store_is_away;
    listing:
        every_filter_shows_its_calls_newest_first
        calls_are_counted_under_every_filter
        pages_follow_each_other_without_gap
        a_transferred_call_moves_to_the_other_queue
        a_line_is_read_from_its_head
        a_history_is_read_in_pages
        queues_are_there_from_the_start_and_can_be_changed;
    searching:
        a_search_finds_what_fits_newest_first
        a_search_goes_on_where_it_stopped_until_all_was_looked_at
        a_search_that_stops_says_since_when_it_looked;
    receipts:
        a_repeat_is_found_by_its_key
        every_key_of_a_long_call_is_found
        a_key_belongs_to_its_call
        a_repeat_is_found_by_its_type;
    timers:
        the_earliest_timer_is_due_first
        a_disarmed_timer_is_not_due
        a_timer_moves_with_its_call;
    alerts:
        alerts_are_listed_newest_first
        the_first_to_acknowledge_stays;
    keys:
        a_key_works_until_it_is_revoked
        a_name_means_one_key_for_good
        a_rotated_key_works_for_its_grace_and_no_longer
        keys_are_changed_beside_a_store_at_work
        a_change_and_its_action_are_kept_together
        actions_are_listed_newest_first_and_kept_for_good
        an_older_database_keeps_what_is_in_it;
    figures:
        what_is_noted_is_read_before_and_after_it_is_folded
        what_was_folded_is_not_counted_twice
        folding_while_batches_are_recorded_loses_nothing
        a_batch_that_is_not_recorded_counts_nothing
        only_what_changed_is_read_again
        open_calls_are_counted_by_what_they_do
        figures_survive_a_new_start;
    proof:
        an_untouched_history_is_whole
        a_changed_event_shows
        another_type_shows
        a_moment_that_was_never_told_shows
        the_history_of_another_call_shows
        a_gap_shows
        a_cut_tail_shows
        erased_metadata_keeps_the_chain_whole;
}
