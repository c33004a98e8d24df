//! The database of a busy server that has been there for years: thousands of people, one user with a thousand sessions of
//! every kind, one of those with a million messages, and other people's sessions between them.

use std::path::Path;

use super::chance::Chance;
use super::rows::{Database, Rows};
use crate::error::LoadError;

/// People beside the user who is measured.
const PEOPLE: usize = 5_000;
/// Sessions that the user is not in.
const OTHERS: usize = 1_000;
/// Messages in each of these and of the user's other sessions, about.
const EACH: u64 = 60;
/// When the first message was sent: 2024-01-01, in milliseconds.
const BEGIN: i64 = 1_704_067_200_000;
/// What stands between two messages.
const APART: i64 = 50_000;
/// Pending invites to the user.
const INVITES: usize = 80;

#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub messages: u64,
    pub sessions: usize,
}

struct Growing {
    id: i64,
    kind: u8,
    title: String,
    people: Vec<i64>,
    mine: bool,
    unread: u64,
    seq: u64,
    rev: u64,
    last: i64,
}

/// Fills the database of a server that is stopped; `username` is the user who is measured.
pub fn fill(path: &Path, username: &str, size: Size) -> Result<(), LoadError> {
    let mut db = Database::open(path)?;
    let mut chance = Chance::new(20_261_121);
    // Its id is not known here; `me` stands for it everywhere.
    db.run(&format!("CREATE TEMP TABLE me AS SELECT id FROM users WHERE username = '{username}'"))?;
    let people = settle(&mut db, &mut chance)?;
    let mut sessions = found(&mut chance, &people, size.sessions);
    converse(&mut db, &mut chance, &mut sessions, size.messages)?;
    keep(&mut db, &mut chance, &sessions, &people)?;
    db.keep()
}

fn settle(db: &mut Database, chance: &mut Chance) -> Result<Vec<i64>, LoadError> {
    let mut rows =
        Rows::new("users (id, username, username_key, display_name, kind, password, accepts, last_seen, created_at)");
    let mut people = Vec::with_capacity(PEOPLE);
    for number in 0..PEOPLE {
        let (id, seen) = (chance.id(), BEGIN + i64::try_from(chance.below(1_000_000_000)).unwrap_or_default());
        rows.add(
            format_args!("{id}, 'Person-{number}', 'person-{number}', 'Person {number}', 0, NULL, 0, {seen}, 0"),
            db,
        )?;
        people.push(id);
    }
    rows.write(db)?;
    Ok(people)
}

/// The sessions, without a message yet. The first is the large one.
fn found(chance: &mut Chance, people: &[i64], count: usize) -> Vec<Growing> {
    let mut all = Vec::with_capacity(count + OTHERS);
    let mut partners = people.iter();
    for number in 0..count + OTHERS {
        let mine = number < count;
        // Of ten: six direct sessions, three groups, one room; every hundredth is a group of 500.
        let (kind, size) = match number % 10 {
            _ if number == 0 => (1, 50),
            _ if number % 100 == 99 => (1, 500),
            0..=5 if mine => (0, 1),
            6..=8 => (1, 2 + chance.below(49)),
            _ => (2, 2 + chance.below(29)),
        };
        let mut members: Vec<i64> = match kind {
            0 => partners.next().copied().into_iter().collect(),
            _ => (0..size).filter_map(|_| chance.of(people).copied()).collect(),
        };
        members.sort_unstable();
        members.dedup();
        let title = if number == 0 { "The large one".to_owned() } else { format!("Session {number}") };
        // In every tenth there is much to be read, in half of the others nothing.
        let unread = if number % 10 == 6 { 2_000 } else { chance.below(20).saturating_sub(10) };
        let (id, last) = (chance.id(), BEGIN);
        all.push(Growing { id, kind, title, people: members, mine, unread, seq: 0, rev: 0, last });
    }
    all
}

/// Lets them talk, all at once: messages of one session lie between those of others.
fn converse(db: &mut Database, chance: &mut Chance, all: &mut [Growing], large: u64) -> Result<(), LoadError> {
    let mut messages = Rows::new(
        "messages (session_id, seq, rev, posted_rev, sender_id, kind, text, at, reply_to, key, fingerprint, edited_at, \
         deleted, mentions)",
    );
    let mut reactions = Rows::new("reactions (session_id, seq, emoji, user_id, at)");
    let count = u64::try_from(all.len()).unwrap_or(1);
    // Those with much to be read are longer than the others.
    let rest = count * EACH + count / 10 * 1_500;
    let mut now = BEGIN;
    for _ in 0..large + rest {
        let at = match chance.below(large + rest) {
            turn if turn < large => 0,
            turn if turn % 5 < 3 => usize::try_from(chance.below(count / 10) * 10 + 6).unwrap_or_default(),
            _ => usize::try_from(chance.below(count)).unwrap_or_default(),
        };
        let Some(session) = all.get_mut(at) else { continue };
        now += APART;
        post(db, chance, session, now, &mut messages, &mut reactions)?;
    }
    if let Some(first) = all.first_mut() {
        now += APART;
        post(db, chance, first, now, &mut messages, &mut reactions)?;
    }
    messages.write(db)?;
    reactions.write(db)
}

fn post(
    db: &mut Database,
    chance: &mut Chance,
    session: &mut Growing,
    now: i64,
    messages: &mut Rows,
    reactions: &mut Rows,
) -> Result<(), LoadError> {
    let Some(sender) = chance.of(&session.people).copied() else { return Ok(()) };
    session.seq += 1;
    session.rev += 1;
    session.last = now;
    let (id, seq, posted) = (session.id, session.seq, session.rev);
    let mut text = chance.text();
    let (is_notice, mut mentions, mut edited, mut deleted) = (chance.is(10), "NULL", "NULL", "FALSE");
    let edit = format!("{now}");
    if chance.is(10) {
        text.push_str(" @Person-7");
        mentions = "'Person-7'";
    }
    if !is_notice && chance.is(60) {
        session.rev += 1;
        match chance.below(3) {
            0 => edited = &edit,
            1 if chance.is(300) => (text, deleted, mentions) = (String::new(), "TRUE", "NULL"),
            _ => {
                for emoji in ["👍", "🎉", "❤"].iter().take(1 + usize::try_from(chance.below(3)).unwrap_or(0)) {
                    reactions.add(format_args!("{id}, {seq}, '{emoji}', {sender}, {now}"), db)?;
                }
            }
        }
    }
    let reply = if seq > 50 && chance.is(50) { (seq - 1 - chance.below(49)).to_string() } else { "NULL".to_owned() };
    let (key, fingerprint) =
        if is_notice { ("NULL".to_owned(), 0) } else { (format!("'{:x}{now:x}'", chance.id()), chance.id()) };
    let (rev, kind) = (session.rev, i32::from(is_notice));
    messages.add(
        format_args!(
            "{id}, {seq}, {rev}, {posted}, {sender}, {kind}, '{text}', {now}, {reply}, {key}, {fingerprint}, {edited}, \
             {deleted}, {mentions}"
        ),
        db,
    )
}

/// Writes the sessions as they have become, with who is in them, and the user's invites.
fn keep(db: &mut Database, chance: &mut Chance, all: &[Growing], people: &[i64]) -> Result<(), LoadError> {
    let mut sessions = Rows::new(
        "sessions (id, kind, title, pair_low, pair_high, seq, rev, last_at, created_at, code, keep, maker_id)",
    );
    let mut members = Rows::new("members (session_id, user_id, role, state, rev, joined_at, read, received)");
    for (number, Growing { id, kind, title, people, mine, unread, seq, rev, last }) in all.iter().enumerate() {
        let other = people.first().copied().unwrap_or_default();
        let (title, low, high) = match kind {
            0 => (
                "NULL".to_owned(),
                format!("min({other}, (SELECT id FROM me))"),
                format!("max({other}, (SELECT id FROM me))"),
            ),
            _ => (format!("'{title}'"), "NULL".to_owned(), "NULL".to_owned()),
        };
        let code = if *kind == 2 { format!("'SCALEX{}'", code(number)) } else { "NULL".to_owned() };
        let maker = if *kind == 0 { "NULL".to_owned() } else { other.to_string() };
        sessions.add(
            format_args!("{id}, {kind}, {title}, {low}, {high}, {seq}, {rev}, {last}, {BEGIN}, {code}, TRUE, {maker}"),
            db,
        )?;
        for (place, user) in people.iter().enumerate() {
            let role = if *kind != 0 && place == 0 && !mine { 2 } else { 0 };
            let joined = BEGIN + i64::try_from(place).unwrap_or_default();
            members.add(format_args!("{id}, {user}, {role}, 0, 0, {joined}, {seq}, {seq}"), db)?;
        }
        if *mine {
            let (role, read) = (if *kind == 0 { 0 } else { 2 }, seq.saturating_sub(*unread));
            members.add(format_args!("{id}, (SELECT id FROM me), {role}, 0, 0, {BEGIN}, {read}, {seq}"), db)?;
        }
    }
    sessions.write(db)?;
    members.write(db)?;
    let mut invites = Rows::new("invites (id, from_id, to_id, session_id, state, hidden, at, expires_at)");
    for from in people.iter().rev().take(INVITES) {
        let (id, end) = (chance.id(), i64::MAX);
        invites.add(format_args!("{id}, {from}, (SELECT id FROM me), NULL, 0, FALSE, {BEGIN}, {end}"), db)?;
    }
    invites.write(db)
}

/// Six digits of a room's code, in which 0 and 1 do not occur.
fn code(number: usize) -> String {
    let digits = format!("{number:06o}");
    digits.chars().map(|digit| char::from_digit(digit.to_digit(8).unwrap_or(0) + 2, 10).unwrap_or('2')).collect()
}
