//! The tables, as the migrations leave them.
#![allow(missing_docs)]

diesel::table! {
    server (id) {
        id -> Integer,
        epoch -> Text,
        created_at -> BigInt,
        lobby_id -> Nullable<BigInt>,
        closed -> Bool,
        people -> BigInt,
        indexed -> BigInt,
        erased -> BigInt,
        scrubbed -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        display_name -> Text,
        kind -> SmallInt,
        password -> Nullable<Text>,
        accepts -> SmallInt,
        last_seen -> Nullable<BigInt>,
        created_at -> BigInt,
        state -> SmallInt,
        admin -> Bool,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        user_id -> BigInt,
        hash -> Binary,
        device -> Nullable<Text>,
        door -> SmallInt,
        created_at -> BigInt,
        last_used_at -> BigInt,
        expires_at -> BigInt,
        room_id -> Nullable<BigInt>,
        last_address -> Nullable<Text>,
        last_client -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        kind -> SmallInt,
        title -> Nullable<Text>,
        pair_low -> Nullable<BigInt>,
        pair_high -> Nullable<BigInt>,
        seq -> BigInt,
        rev -> BigInt,
        last_at -> BigInt,
        created_at -> BigInt,
        code -> Nullable<Text>,
        keep -> Bool,
        maker_id -> Nullable<BigInt>,
        key -> Nullable<Text>,
    }
}

diesel::table! {
    members (session_id, user_id) {
        session_id -> BigInt,
        user_id -> BigInt,
        role -> SmallInt,
        state -> SmallInt,
        rev -> BigInt,
        joined_at -> BigInt,
        read -> BigInt,
        received -> BigInt,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        session_id -> BigInt,
        seq -> BigInt,
        rev -> BigInt,
        posted_rev -> BigInt,
        sender_id -> BigInt,
        kind -> SmallInt,
        text -> Text,
        at -> BigInt,
        reply_to -> Nullable<BigInt>,
        key -> Nullable<Text>,
        fingerprint -> Nullable<BigInt>,
        edited_at -> Nullable<BigInt>,
        deleted -> Bool,
        mentions -> Nullable<Text>,
    }
}

diesel::table! {
    invites (id) {
        id -> BigInt,
        from_id -> BigInt,
        to_id -> BigInt,
        session_id -> Nullable<BigInt>,
        state -> SmallInt,
        hidden -> Bool,
        at -> BigInt,
        expires_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        deliver_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    blocks (blocker_id, blocked_id) {
        blocker_id -> BigInt,
        blocked_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    reactions (session_id, seq, emoji, user_id) {
        session_id -> BigInt,
        seq -> BigInt,
        emoji -> Text,
        user_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    requests (id) {
        id -> BigInt,
        action -> Text,
        username -> Text,
        password -> Nullable<Text>,
        admin -> Bool,
        at -> BigInt,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    failure_budgets (budget, key) {
        budget -> Text,
        key -> Text,
        full_at -> BigInt,
    }
}

diesel::table! {
    login_addresses (user_id, address) {
        user_id -> BigInt,
        address -> Text,
        at -> BigInt,
    }
}

// PostgreSQL only.
diesel::table! {
    nodes (id) {
        id -> BigInt,
        name -> Text,
        beat -> BigInt,
        started_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

// PostgreSQL only.
diesel::table! {
    attendance (node, user_id) {
        node -> BigInt,
        user_id -> BigInt,
        transient -> Bool,
        in_lobby -> Bool,
    }
}

// PostgreSQL only.
diesel::table! {
    occupied_rooms (node, session_id) {
        node -> BigInt,
        session_id -> BigInt,
    }
}

diesel::joinable!(attendance -> users (user_id));
diesel::joinable!(tokens -> users (user_id));
diesel::table! {
    user_names (word, user_id) {
        word -> Text,
        user_id -> BigInt,
    }
}
diesel::joinable!(members -> sessions (session_id));
diesel::joinable!(members -> users (user_id));
diesel::joinable!(messages -> users (sender_id));
diesel::joinable!(reactions -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(
    attendance, users, tokens, sessions, members, messages, invites, blocks, reactions
);
