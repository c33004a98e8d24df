//! Limits of sizes, counts and rates.

use clap::Args;
use serde::Serialize;

use crate::rate_limit::{Rate, UserRates};

/// Sizes, counts and rates; 0 means unlimited. All are sent in `ready.limits`.
#[derive(Clone, Copy, Debug, Args, Serialize)]
pub struct Limits {
    /// Maximum bytes of a message's text.
    #[arg(long, env = "PARLOR_TEXT_BYTES", default_value_t = 16_384, global = true)]
    pub text_bytes: usize,
    /// Maximum bytes of a frame, of a message joined from fragments, and of a REST body.
    #[arg(long, env = "PARLOR_FRAME_BYTES", default_value_t = 65_536, global = true)]
    pub frame_bytes: usize,
    /// Outbound bytes that are buffered for one connection.
    #[arg(long, env = "PARLOR_QUEUE_BYTES", default_value_t = 1_048_576, global = true)]
    pub queue_bytes: usize,
    /// Commands queued for the database; beyond that they are answered `busy`.
    #[arg(long, env = "PARLOR_WRITER_QUEUE", default_value_t = 1_000, global = true)]
    pub writer_queue: usize,
    /// Messages per second and user.
    #[arg(long, env = "PARLOR_SENDS_PER_SECOND", default_value_t = 20, global = true)]
    pub sends_per_second: u32,
    /// Burst of messages per user.
    #[arg(long, env = "PARLOR_SENDS_BURST", default_value_t = 40, global = true)]
    pub sends_burst: u32,
    /// Frames per second and connection; beyond that reading pauses.
    #[arg(long, env = "PARLOR_FRAMES_PER_SECOND", default_value_t = 60, global = true)]
    pub frames_per_second: u32,
    /// Burst of frames per connection.
    #[arg(long, env = "PARLOR_FRAMES_BURST", default_value_t = 200, global = true)]
    pub frames_burst: u32,
    /// REST requests per second and user.
    #[arg(long, env = "PARLOR_REQUESTS_PER_SECOND", default_value_t = 50, global = true)]
    pub requests_per_second: u32,
    /// Burst of REST requests per user.
    #[arg(long, env = "PARLOR_REQUESTS_BURST", default_value_t = 200, global = true)]
    pub requests_burst: u32,
    /// Failed logins for one account from one address in 15 minutes.
    #[arg(long, env = "PARLOR_LOGIN_FAILURES", default_value_t = 5, global = true)]
    pub login_failures: u32,
    /// Failed logins from one address in 10 minutes.
    #[arg(long, env = "PARLOR_ADDRESS_LOGIN_FAILURES", default_value_t = 30, global = true)]
    pub address_login_failures: u32,
    /// Failed logins for one account from all addresses in an hour; beyond that, only addresses that have logged in to it within
    /// 30 days may try.
    #[arg(long, env = "PARLOR_ACCOUNT_LOGIN_FAILURES", default_value_t = 300, global = true)]
    pub account_login_failures: u32,
    /// Successful logins to one account from one address in 10 minutes.
    #[arg(long, env = "PARLOR_LOGINS", default_value_t = 30, global = true)]
    pub logins: u32,
    /// Lookups of unknown names from one address in 10 minutes.
    #[arg(long, env = "PARLOR_UNKNOWN_NAMES", default_value_t = 30, global = true)]
    pub unknown_names: u32,
    /// New accounts and guests per minute and address.
    #[arg(long, env = "PARLOR_ACCOUNTS_PER_MINUTE", default_value_t = 60, global = true)]
    pub accounts_per_minute: u32,
    /// Burst of new accounts and guests per address.
    #[arg(long, env = "PARLOR_ACCOUNTS_BURST", default_value_t = 300, global = true)]
    pub accounts_burst: u32,
    /// Invites per minute and user.
    #[arg(long, env = "PARLOR_INVITES_PER_MINUTE", default_value_t = 30, global = true)]
    pub invites_per_minute: u32,
    /// Burst of invites per user.
    #[arg(long, env = "PARLOR_INVITES_BURST", default_value_t = 100, global = true)]
    pub invites_burst: u32,
    /// Pending invites of one inviter.
    #[arg(long, env = "PARLOR_PENDING_INVITES", default_value_t = 500, global = true)]
    pub pending_invites: u32,
    /// Days until an unanswered invite expires; 0: never.
    #[arg(long, env = "PARLOR_INVITE_DAYS", default_value_t = 30, global = true)]
    pub invite_days: u32,
    /// Seconds after a rejection before the same user's next invite is delivered to the same addressee; 0: at once.
    #[arg(long, env = "PARLOR_INVITE_PAUSE_SECONDS", default_value_t = 86_400, global = true)]
    pub invite_pause_seconds: u32,
    /// New sessions per minute and user.
    #[arg(long, env = "PARLOR_SESSIONS_PER_MINUTE", default_value_t = 30, global = true)]
    pub sessions_per_minute: u32,
    /// Members of one group or room.
    #[arg(long, env = "PARLOR_GROUP_MEMBERS", default_value_t = 500, global = true)]
    pub group_members: u32,
    /// Different emoji in the reactions to one message.
    #[arg(long, env = "PARLOR_MESSAGE_EMOJIS", default_value_t = 20, global = true)]
    pub message_emojis: u32,
    /// Maximum bytes of one reaction; 1,024 at most.
    #[arg(long, env = "PARLOR_EMOJI_BYTES", default_value_t = 32, global = true)]
    pub emoji_bytes: usize,
    /// Unknown room codes per minute from one address or user.
    #[arg(long, env = "PARLOR_ROOM_MISSES", default_value_t = 10, global = true)]
    pub room_misses: u32,
    /// Unknown room codes per minute in total; beyond that, those who sent one in the last 10 minutes are refused.
    #[arg(long, env = "PARLOR_TOTAL_ROOM_MISSES", default_value_t = 600, global = true)]
    pub total_room_misses: u32,
    /// Messages per second and user in the lobby.
    #[arg(long, env = "PARLOR_LOBBY_SENDS_PER_SECOND", default_value_t = 1, global = true)]
    pub lobby_sends_per_second: u32,
    /// Burst of messages per user in the lobby.
    #[arg(long, env = "PARLOR_LOBBY_SENDS_BURST", default_value_t = 5, global = true)]
    pub lobby_sends_burst: u32,
    /// Messages per second of all users in the lobby.
    #[arg(long, env = "PARLOR_TOTAL_LOBBY_SENDS_PER_SECOND", default_value_t = 20, global = true)]
    pub total_lobby_sends_per_second: u32,
    /// Searches per second and user.
    #[arg(long, env = "PARLOR_SEARCHES_PER_SECOND", default_value_t = 5, global = true)]
    pub searches_per_second: u32,
    /// Burst of searches per user.
    #[arg(long, env = "PARLOR_SEARCHES_BURST", default_value_t = 20, global = true)]
    pub searches_burst: u32,
    /// Unauthenticated connections from one address.
    #[arg(long, env = "PARLOR_HELLO_PER_ADDRESS", default_value_t = 500, global = true)]
    pub hello_per_address: u32,
    /// Unauthenticated connections from all addresses.
    #[arg(long, env = "PARLOR_HELLO_TOTAL", default_value_t = 5_000, global = true)]
    pub hello_total: u32,
    /// HTTP connections of one address, but for those that have become WebSockets and those of trusted proxies.
    #[arg(long, env = "PARLOR_HTTP_CONNECTIONS_PER_ADDRESS", default_value_t = 1_000, global = true)]
    pub http_connections_per_address: u32,
    /// HTTP connections in all, but for those that have become WebSockets.
    #[arg(long, env = "PARLOR_HTTP_CONNECTIONS_TOTAL", default_value_t = 10_000, global = true)]
    pub http_connections_total: u32,
    /// Seconds until an HTTP response that is not read is cut.
    #[arg(long, env = "PARLOR_RESPONSE_SECONDS", default_value_t = 30, global = true)]
    pub response_seconds: u32,
    /// Bytes of HTTP responses that may be under way to one user.
    #[arg(long, env = "PARLOR_RESPONSE_BYTES_PER_USER", default_value_t = 4_194_304, global = true)]
    pub response_bytes_per_user: usize,
    /// Bytes of HTTP responses that may be under way to one address.
    #[arg(long, env = "PARLOR_RESPONSE_BYTES_PER_ADDRESS", default_value_t = 16_777_216, global = true)]
    pub response_bytes_per_address: usize,
    /// Bytes of HTTP responses that may be under way in all.
    #[arg(long, env = "PARLOR_RESPONSE_BYTES_TOTAL", default_value_t = 67_108_864, global = true)]
    pub response_bytes_total: usize,
    /// Connections per user.
    #[arg(long, env = "PARLOR_USER_CONNECTIONS", default_value_t = 20, global = true)]
    pub user_connections: u32,
    /// Characters that a new password has at least; at most 128.
    #[arg(long, env = "PARLOR_PASSWORD_MIN", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=128),
          global = true)]
    pub password_min: u32,
    /// Tokens of one user; a further login ends the one unused for longest.
    #[arg(long, env = "PARLOR_USER_TOKENS", default_value_t = 50, global = true)]
    pub user_tokens: u32,
    /// Days after its last use until a token expires; 0: never.
    #[arg(long, env = "PARLOR_TOKEN_DAYS", default_value_t = 30, global = true)]
    pub token_days: u32,
}

impl Limits {
    /// Frames of one connection.
    pub(crate) const fn frames(&self) -> Rate {
        Rate::per_second(self.frames_per_second, self.frames_burst)
    }

    pub(crate) const fn user_rates(&self) -> UserRates {
        let total = self.total_lobby_sends_per_second;
        UserRates {
            requests: Rate::per_second(self.requests_per_second, self.requests_burst),
            messages: Rate::per_second(self.sends_per_second, self.sends_burst),
            lobby: Rate::per_second(self.lobby_sends_per_second, self.lobby_sends_burst),
            lobby_total: Rate::per_second(total, total),
            invites: Rate::per_minute(self.invites_per_minute, self.invites_burst),
            searches: Rate::per_second(self.searches_per_second, self.searches_burst),
            new_sessions: Rate::per_minute(self.sessions_per_minute, self.sessions_per_minute),
        }
    }
}
