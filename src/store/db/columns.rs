//! Column types: enums, ids and times.
//!
//! A number without a value of the enum is an error of the query that reads it; `parlor verify` reads [`Stored`] instead, to
//! report such rows and continue.

use std::fmt;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow, FromStaticSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Nullable, SmallInt};
use diesel::sqlite::{Sqlite, SqliteType};

use super::DbBackend;
use super::schema::tokens;
use crate::domain::{
    Accepts, InviteId, InviteState, LoginMethod, MemberState, MessageId, MessageKind, NodeId, Role, SessionId,
    SessionKind, Time, TokenId, UserId, UserKind,
};

/// Whether a user may log in: `users.state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserState {
    Active,
    Disabled,
    Deleted,
}

/// How a token was issued, without the room that [`LoginMethod::RoomGuest`] carries: `tokens.door`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginMethodKind {
    Password,
    Guest,
    LobbyGuest,
    RoomGuest,
}

/// `sessions.kind` of a deleted session whose messages are being purged. No member can see one, so it is no [`SessionKind`].
pub(crate) const PURGED: i16 = 4;

pub(crate) trait Numbered: Sized {
    /// `None` for a number without a value.
    fn from_number(number: i64) -> Option<Self>;

    fn number(self) -> i16;
}

/// The number in such a column, for checks that continue after an unknown value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromSqlRow)]
pub(crate) struct Stored(Option<i64>);

impl Stored {
    /// `None` for a number without a value.
    pub(crate) fn known<T: Numbered>(self) -> Option<T> {
        self.0.and_then(T::from_number)
    }

    pub(crate) fn is<T: Numbered>(self, value: T) -> bool {
        self.0 == Some(value.number().into())
    }

    pub(crate) fn is_purged(self) -> bool {
        self.0 == Some(PURGED.into())
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => number.fmt(f),
            None => f.write_str("(not a number)"),
        }
    }
}

impl FromSql<SmallInt, DbBackend> for Stored {
    fn from_sql(value: <DbBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, SmallInt>()
    }
}

impl FromSql<SmallInt, Pg> for Stored {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <i16 as FromSql<SmallInt, Pg>>::from_sql(value).map(|number| Self(Some(number.into())))
    }
}

impl FromSql<SmallInt, Sqlite> for Stored {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        // SQLite would read any text as 0.
        let is_number = value.value_type() == Some(SqliteType::Long);
        Ok(Self(is_number.then(|| value.read_long())))
    }
}

macro_rules! numbered {
    ($type:ident as $proxy:ident in $column:literal { $($value:ident = $number:literal),+ $(,)? }) => {
        #[derive(AsExpression, FromSqlRow)]
        #[diesel(foreign_derive)]
        #[diesel(sql_type = SmallInt)]
        #[allow(dead_code)]
        struct $proxy($type);

        impl Numbered for $type {
            fn from_number(number: i64) -> Option<Self> {
                match number {
                    $($number => Some(Self::$value),)+
                    _ => None,
                }
            }

            fn number(self) -> i16 {
                match self {
                    $(Self::$value => $number,)+
                }
            }
        }

        impl<DB: Backend> ToSql<SmallInt, DB> for $type
        where
            i16: ToSql<SmallInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                match self {
                    $(Self::$value => <i16 as ToSql<SmallInt, DB>>::to_sql(&$number, out),)+
                }
            }
        }

        impl<DB: Backend> FromSql<SmallInt, DB> for $type
        where
            Stored: FromSql<SmallInt, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let stored = Stored::from_sql(value)?;
                stored.known().ok_or_else(|| format!(concat!($column, " has the unknown value {}"), stored).into())
            }
        }
    };
}

numbered!(SessionKind as SessionKindColumn in "sessions.kind" { Direct = 0, Group = 1, Room = 2, Lobby = 3 });
numbered!(Role as RoleColumn in "members.role" { Member = 0, Admin = 1, Owner = 2 });
numbered!(MemberState as MemberStateColumn in "members.state" { Joined = 0, Left = 1, Removed = 2 });
numbered!(MessageKind as MessageKindColumn in "messages.kind" { Text = 0, Notice = 1 });
numbered!(InviteState as InviteStateColumn in "invites.state" {
    Pending = 0, Accepted = 1, Rejected = 2, Withdrawn = 3, Expired = 4,
});
numbered!(UserKind as UserKindColumn in "users.kind" { Account = 0, Guest = 1, Bot = 2 });
numbered!(UserState as UserStateColumn in "users.state" { Active = 0, Disabled = 1, Deleted = 2 });
numbered!(Accepts as AcceptsColumn in "users.accepts" { Anyone = 0, Invited = 1 });
numbered!(LoginMethodKind as LoginMethodKindColumn in "tokens.door" {
    Password = 0, Guest = 1, LobbyGuest = 2, RoomGuest = 3,
});

/// Newtypes of an `i64`, stored as that number.
macro_rules! wrapped {
    ($($type:ident as $proxy:ident),+ $(,)?) => {$(
        #[derive(AsExpression, FromSqlRow)]
        #[diesel(foreign_derive)]
        #[diesel(sql_type = BigInt)]
        #[allow(dead_code)]
        struct $proxy($type);

        impl<DB: Backend> ToSql<BigInt, DB> for $type
        where
            i64: ToSql<BigInt, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <i64 as ToSql<BigInt, DB>>::to_sql(&self.0, out)
            }
        }

        impl<DB: Backend> FromSql<BigInt, DB> for $type
        where
            i64: FromSql<BigInt, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
                <i64 as FromSql<BigInt, DB>>::from_sql(value).map(Self)
            }
        }
    )+};
}

wrapped!(
    UserId as UserIdColumn,
    SessionId as SessionIdColumn,
    InviteId as InviteIdColumn,
    TokenId as TokenIdColumn,
    MessageId as MessageIdColumn,
    NodeId as NodeIdColumn,
    Time as TimeColumn,
);

impl From<LoginMethod> for LoginMethodKind {
    fn from(login_method: LoginMethod) -> Self {
        match login_method {
            LoginMethod::Password => Self::Password,
            LoginMethod::Guest => Self::Guest,
            LoginMethod::LobbyGuest => Self::LobbyGuest,
            LoginMethod::RoomGuest(_) => Self::RoomGuest,
        }
    }
}

impl<DB: Backend> Queryable<(SmallInt, Nullable<BigInt>), DB> for LoginMethod
where
    (LoginMethodKind, Option<SessionId>): FromStaticSqlRow<(SmallInt, Nullable<BigInt>), DB>,
{
    type Row = (LoginMethodKind, Option<SessionId>);

    fn build((kind, room): Self::Row) -> deserialize::Result<Self> {
        match (kind, room) {
            (LoginMethodKind::Password, _) => Ok(Self::Password),
            (LoginMethodKind::Guest, _) => Ok(Self::Guest),
            (LoginMethodKind::LobbyGuest, _) => Ok(Self::LobbyGuest),
            (LoginMethodKind::RoomGuest, Some(room)) => Ok(Self::RoomGuest(room)),
            (LoginMethodKind::RoomGuest, None) => Err("tokens.room_id is missing beside tokens.door".into()),
        }
    }
}

impl<DB: Backend> Selectable<DB> for LoginMethod {
    type SelectExpression = (tokens::door, tokens::room_id);

    fn construct_selection() -> Self::SelectExpression {
        (tokens::door, tokens::room_id)
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;

    use super::super::schema::sessions;
    use super::*;
    use crate::store::error::with_causes;
    use crate::store::{Db, db};

    /// A database with one session of this kind.
    fn with_kind(kind: &str) -> Db {
        let mut db = db::sqlite::in_memory().unwrap();
        let row =
            format!("INSERT INTO sessions (id, kind, seq, rev, last_at, created_at) VALUES (1, {kind}, 0, 0, 0, 0)");
        db.batch_execute(&row).unwrap();
        db
    }

    #[test]
    fn every_value_is_read_as_it_was_written() {
        let mut db = with_kind("0");
        for kind in [SessionKind::Direct, SessionKind::Group, SessionKind::Room, SessionKind::Lobby] {
            diesel::update(sessions::table.find(SessionId(1))).set(sessions::kind.eq(kind)).execute(&mut db).unwrap();
            let read: (SessionId, SessionKind) =
                sessions::table.select((sessions::id, sessions::kind)).first(&mut db).unwrap();
            assert_eq!(read, (SessionId(1), kind));
        }
    }

    #[test]
    fn unknown_values_are_errors() {
        for planted in ["4", "7", "-1", "65536", "4294967296", "'direct'", "0.5", "x'00'"] {
            let read: QueryResult<SessionKind> = sessions::table.select(sessions::kind).first(&mut with_kind(planted));
            let error = with_causes(&read.expect_err(planted));
            assert!(error.contains("sessions.kind"), "{planted}: {error}");
        }
    }

    #[test]
    fn roles_are_ordered_in_the_database_as_in_the_program() {
        let roles = [Role::Member, Role::Admin, Role::Owner];
        assert!(roles.is_sorted() && roles.map(Numbered::number).is_sorted());
    }

    #[test]
    fn a_token_of_the_room_code_form_names_its_room() {
        type Columns = (SmallInt, Nullable<BigInt>);
        let build = <LoginMethod as Queryable<Columns, DbBackend>>::build;
        assert_eq!(
            build((LoginMethodKind::RoomGuest, Some(SessionId(5)))).unwrap(),
            LoginMethod::RoomGuest(SessionId(5))
        );
        assert!(build((LoginMethodKind::RoomGuest, None)).is_err());
    }
}
