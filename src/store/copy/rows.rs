//! The rows of every table that is copied.

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::query_source::Table as _;

use super::cells::{AnySessionKind, Cell, FreshEpoch, Number, Oddities, Reset};
use super::{CopyError, Progress};
use crate::domain::{Accepts, InviteState, MemberState, MessageKind, Role, UserKind};
use crate::store::Db;
use crate::store::db::columns::{LoginMethodKind, UserState};
use crate::store::db::schema::{
    blocks, failure_budgets, invites, login_addresses, members, messages, reactions, server, sessions, tokens,
    user_names, users,
};

/// Rows of one statement, at most, …
const ROWS: usize = 1_000;
/// … and about how many bytes.
const BYTES: usize = 4 * 1_024 * 1_024;

pub(super) type CopyTable = fn(&mut Db, &mut Db, &mut Oddities, &Progress) -> Result<u64, CopyError>;

pub(super) trait Row: Sized {
    /// Adapts the values to the destination and gives the size in bytes, about.
    fn adapt(&mut self, oddities: &mut Oddities) -> usize;

    fn insert(rows: &[Self], to: &mut Db) -> QueryResult<()>;
}

/// Inserts all of `rows`, some at a time.
fn insert_all<R: Row>(
    rows: impl Iterator<Item = QueryResult<R>>,
    to: &mut Db,
    oddities: &mut Oddities,
    progress: &Progress,
) -> Result<u64, CopyError> {
    let (mut piece, mut bytes, mut count) = (Vec::with_capacity(ROWS), 0, 0);
    for row in rows {
        let mut row = row?;
        bytes += row.adapt(oddities);
        piece.push(row);
        if piece.len() == ROWS || bytes > BYTES {
            R::insert(&piece, to)?;
            count += progress.advance(piece.len())?;
            (piece, bytes) = (Vec::with_capacity(ROWS), 0);
        }
    }
    R::insert(&piece, to)?;
    Ok(count + progress.advance(piece.len())?)
}

/// A table of the copy, for the report and for tests.
pub(super) struct Table {
    pub name: &'static str,
    #[cfg(test)]
    pub columns: &'static [&'static str],
    pub copy: CopyTable,
}

macro_rules! tables {
    ($($table:ident as $row:ident { $($column:ident: $type:ty),+ $(,)? })+) => {
        $(
            #[derive(Queryable, Selectable, Insertable)]
            #[diesel(table_name = $table, treat_none_as_default_value = false)]
            struct $row {
                $($column: $type),+
            }

            impl Row for $row {
                fn adapt(&mut self, oddities: &mut Oddities) -> usize {
                    [$(self.$column.adapt((stringify!($table), stringify!($column)), oddities)),+].into_iter().sum()
                }

                fn insert(rows: &[Self], to: &mut Db) -> QueryResult<()> {
                    match to {
                        // One prepared statement is faster than a new one with a thousand rows.
                        Db::Sqlite(db) => rows.iter().try_for_each(|row| {
                            diesel::insert_into($table::table).values(row).execute(db).map(drop)
                        }),
                        Db::Postgres(db) => diesel::copy_from($table::table).from_insertable(rows).execute(db).map(drop),
                    }
                }
            }

            impl $row {
                fn copy(
                    from: &mut Db,
                    to: &mut Db,
                    oddities: &mut Oddities,
                    progress: &Progress,
                ) -> Result<u64, CopyError> {
                    // In this order the keys of the copy are appended to their index.
                    let all = $table::table.order($table::table.primary_key());
                    let copied = match from {
                        Db::Sqlite(db) => {
                            let rows = all.select(Self::as_select()).load_iter::<_, DefaultLoadingMode>(db)?;
                            insert_all::<Self>(rows, to, oddities, progress)
                        }
                        Db::Postgres(db) => {
                            let rows = all.select(Self::as_select()).load_iter::<_, PgRowByRowLoadingMode>(db)?;
                            insert_all::<Self>(rows, to, oddities, progress)
                        }
                    };
                    copied.map_err(|error| error.of_table(stringify!($table)))
                }
            }
        )+

        /// Every table that is copied: one that has foreign keys comes after those they refer to.
        pub(super) const TABLES: &[Table] = &[$(
            Table {
                name: stringify!($table),
                #[cfg(test)]
                columns: &[$(stringify!($column)),+],
                copy: $row::copy,
            }
        ),+];
    };
}

tables! {
    users as UserRow {
        id: i64,
        username: String,
        username_key: String,
        display_name: String,
        kind: Number<UserKind>,
        password: Option<String>,
        accepts: Number<Accepts>,
        last_seen: Option<i64>,
        created_at: i64,
        state: Number<UserState>,
        admin: bool,
    }
    tokens as TokenRow {
        id: i64,
        user_id: i64,
        hash: Vec<u8>,
        device: Option<String>,
        door: Number<LoginMethodKind>,
        created_at: i64,
        last_used_at: i64,
        expires_at: i64,
        room_id: Option<i64>,
        last_address: Option<String>,
        last_client: Option<String>,
    }
    sessions as SessionRow {
        id: i64,
        kind: Number<AnySessionKind>,
        title: Option<String>,
        pair_low: Option<i64>,
        pair_high: Option<i64>,
        seq: i64,
        rev: i64,
        last_at: i64,
        created_at: i64,
        code: Option<String>,
        keep: bool,
        maker_id: Option<i64>,
        key: Option<String>,
    }
    members as MemberRow {
        session_id: i64,
        user_id: i64,
        role: Number<Role>,
        state: Number<MemberState>,
        rev: i64,
        joined_at: i64,
        read: i64,
        received: i64,
    }
    messages as MessageRow {
        id: i64,
        session_id: i64,
        seq: i64,
        rev: i64,
        posted_rev: i64,
        sender_id: i64,
        kind: Number<MessageKind>,
        text: String,
        at: i64,
        reply_to: Option<i64>,
        key: Option<String>,
        fingerprint: Option<i64>,
        edited_at: Option<i64>,
        deleted: bool,
        mentions: Option<String>,
    }
    reactions as ReactionRow {
        session_id: i64,
        seq: i64,
        emoji: String,
        user_id: i64,
        at: i64,
    }
    invites as InviteRow {
        id: i64,
        from_id: i64,
        to_id: i64,
        session_id: Option<i64>,
        state: Number<InviteState>,
        hidden: bool,
        at: i64,
        expires_at: i64,
        answered_at: Option<i64>,
        deliver_at: Option<i64>,
    }
    blocks as BlockRow {
        blocker_id: i64,
        blocked_id: i64,
        at: i64,
    }
    user_names as UserNameRow {
        word: String,
        user_id: i64,
    }
    failure_budgets as FailureBudgetRow {
        budget: String,
        key: String,
        full_at: i64,
    }
    login_addresses as LoginAddressRow {
        user_id: i64,
        address: String,
        at: i64,
    }
    // Last: a trigger counts the users that are inserted in `people` of the row that is there.
    server as ServerRow {
        id: i32,
        epoch: FreshEpoch,
        created_at: i64,
        lobby_id: Option<i64>,
        closed: bool,
        people: i64,
        indexed: Reset<0>,
        erased: Reset<1>,
        scrubbed: Reset<1>,
    }
}
