//! The values of copied columns.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, SmallInt, Text};
use diesel::sqlite::{Sqlite, SqliteType};

use crate::domain::SessionKind;
use crate::store::db::columns::{Numbered, PURGED};
use crate::store::db::new_epoch;

/// The names of a table and its column.
pub(super) type Column = (&'static str, &'static str);

/// What PostgreSQL cannot store in a text.
const NUL: char = '\0';

/// A number in a column with a fixed set of values `T`. It is copied whether or not it is in the set.
#[derive(Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = SmallInt)]
pub(super) struct Number<T: fmt::Debug + 'static>(i16, PhantomData<T>);

/// The kinds of sessions, that of deleted ones included.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnySessionKind(i16);

impl Numbered for AnySessionKind {
    fn from_number(number: i64) -> Option<Self> {
        let known = SessionKind::from_number(number).map(SessionKind::number);
        known.or((number == i64::from(PURGED)).then_some(PURGED)).map(Self)
    }

    fn number(self) -> i16 {
        self.0
    }
}

impl<T: fmt::Debug> FromSql<SmallInt, Pg> for Number<T> {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <i16 as FromSql<SmallInt, Pg>>::from_sql(value).map(|number| Self(number, PhantomData))
    }
}

impl<T: fmt::Debug> FromSql<SmallInt, Sqlite> for Number<T> {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        // SQLite would read any text as 0.
        if value.value_type() != Some(SqliteType::Long) {
            return Err("not a number".into());
        }
        let number = value.read_long();
        let number = i16::try_from(number).map_err(|_| format!("{number} is not a number of 16 bits"))?;
        Ok(Self(number, PhantomData))
    }
}

impl<T: fmt::Debug, DB: Backend> ToSql<SmallInt, DB> for Number<T>
where
    i16: ToSql<SmallInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <i16 as ToSql<SmallInt, DB>>::to_sql(&self.0, out)
    }
}

/// An epoch, which is another one in the copy.
#[derive(Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(super) struct FreshEpoch(String);

impl<DB: Backend> FromSql<Text, DB> for FreshEpoch
where
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        <String as FromSql<Text, DB>>::from_sql(value).map(Self)
    }
}

impl<DB: Backend> ToSql<Text, DB> for FreshEpoch
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(&self.0, out)
    }
}

impl Cell for FreshEpoch {
    fn adapt(&mut self, _: Column, _: &mut Oddities) -> usize {
        self.0 = new_epoch();
        self.0.len()
    }
}

/// A number that is `N` in a new database, and so in the copy: how far the server has come with background tasks.
#[derive(Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub(super) struct Reset<const N: i64>(i64);

impl<const N: i64, DB: Backend> FromSql<BigInt, DB> for Reset<N>
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, DB>>::from_sql(value).map(Self)
    }
}

impl<const N: i64, DB: Backend> ToSql<BigInt, DB> for Reset<N>
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <i64 as ToSql<BigInt, DB>>::to_sql(&self.0, out)
    }
}

impl<const N: i64> Cell for Reset<N> {
    fn adapt(&mut self, _: Column, _: &mut Oddities) -> usize {
        self.0 = N;
        size_of::<i64>()
    }
}

/// Values that are worth a line in the report, by column.
#[derive(Debug)]
pub(crate) struct Oddities {
    replaces_nul: bool,
    found: BTreeMap<(&'static str, &'static str, String), u64>,
}

impl Oddities {
    /// With `replaces_nul` each NUL in a text is replaced by U+FFFD.
    pub(super) const fn new(replaces_nul: bool) -> Self {
        Self { replaces_nul, found: BTreeMap::new() }
    }

    fn add(&mut self, (table, column): Column, what: String) {
        *self.found.entry((table, column, what)).or_default() += 1;
    }

    /// One line for each kind of value in a column.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.found.iter().map(|((table, column, what), count)| {
            let plural = if *count == 1 { "" } else { "s" };
            format!("{table}.{column}: {count} row{plural} with {what}")
        })
    }
}

/// A value of a copied row.
pub(super) trait Cell {
    /// Adapts the value to the destination, notes what is odd about it, and gives its size in bytes, about.
    fn adapt(&mut self, column: Column, oddities: &mut Oddities) -> usize;
}

impl<T: Numbered + fmt::Debug> Cell for Number<T> {
    fn adapt(&mut self, column: Column, oddities: &mut Oddities) -> usize {
        if T::from_number(self.0.into()).is_none() {
            oddities.add(column, format!("the unknown value {}, copied as it is", self.0));
        }
        size_of::<i16>()
    }
}

impl Cell for String {
    fn adapt(&mut self, column: Column, oddities: &mut Oddities) -> usize {
        if oddities.replaces_nul && self.contains(NUL) {
            *self = self.replace(NUL, "\u{fffd}");
            oddities.add(column, "a NUL, which PostgreSQL cannot store, replaced by U+FFFD".to_owned());
        }
        self.len()
    }
}

impl Cell for Vec<u8> {
    fn adapt(&mut self, _: Column, _: &mut Oddities) -> usize {
        self.len()
    }
}

impl<T: Cell> Cell for Option<T> {
    fn adapt(&mut self, column: Column, oddities: &mut Oddities) -> usize {
        self.as_mut().map_or(1, |value| value.adapt(column, oddities))
    }
}

macro_rules! plain {
    ($($type:ty),+) => {$(
        impl Cell for $type {
            fn adapt(&mut self, _: Column, _: &mut Oddities) -> usize {
                size_of::<Self>()
            }
        }
    )+};
}

plain!(i32, i64, bool);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UserKind;

    #[test]
    fn unknown_values_and_nuls_are_counted_by_column() {
        let mut oddities = Oddities::new(true);
        let mut text = "a\0b".to_owned();
        for _ in 0..2 {
            Number::<UserKind>(7, PhantomData).adapt(("users", "kind"), &mut oddities);
            Number::<UserKind>(2, PhantomData).adapt(("users", "kind"), &mut oddities);
            Number::<AnySessionKind>(4, PhantomData).adapt(("sessions", "kind"), &mut oddities);
            text.adapt(("messages", "text"), &mut oddities);
        }
        assert_eq!(text, "a\u{fffd}b");
        let lines: Vec<String> = oddities.lines().collect();
        let [nul, unknown] = lines.as_slice() else { panic!("{lines:?}") };
        assert!(nul.starts_with("messages.text: 1 row with a NUL"), "{nul}");
        assert_eq!(unknown, "users.kind: 2 rows with the unknown value 7, copied as it is");
    }
}
