//! Statements that are written by hand, for what Diesel cannot express, and remain prepared.

/// Defines a statement by its parameters, each behind the SQL before it, and the SQL behind the last.
macro_rules! statement {
    ($name:ident <$life:lifetime> -> $rows:ty { $($sql:literal $field:ident: $type:ty as $sql_type:ty),+; $end:expr }) => {
        #[derive(Debug)]
        pub(crate) struct $name<$life> {
            $(pub $field: $type),+
        }

        impl<$life> diesel::query_builder::QueryFragment<diesel::pg::Pg> for $name<$life> {
            fn walk_ast<'b>(&'b self, mut out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>) -> diesel::QueryResult<()> {
                $(
                    out.push_sql($sql);
                    out.push_bind_param::<$sql_type, _>(self.$field)?;
                )+
                out.push_sql($end);
                Ok(())
            }
        }

        impl diesel::query_builder::QueryId for $name<'_> {
            type QueryId = $name<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl<$life> diesel::query_builder::Query for $name<$life> {
            type SqlType = $rows;
        }

        impl<$life> diesel::RunQueryDsl<diesel::PgConnection> for $name<$life> {}
    };
}
pub(crate) use statement;
