// Test data: a small neighbourhood with names in several scripts, every kind of conversation and message, and pending invites.
// The axe and layout tests and the screenshots use it.

/** Display names. The longest is as long as real ones get. */
const NAMES = {
  avi: 'Avi Cohen',
  lisa: 'Lisa Berg',
  mira: 'Mira Patel',
  zoya: 'Зоя Иванова',
  ken: '田中 健',
  layla: 'ليلى حداد',
  tomas: 'Tomás Rivera',
  ngozi: 'Ngozi Okafor',
  max: 'Maximiliane-Theodora von Hohenstein-Waldenburg',
};

/** Settings without rate limits, for seeding. */
export const UNHURRIED = { PARLOR_SENDS_PER_SECOND: '0', PARLOR_FRAMES_PER_SECOND: '0', PARLOR_REQUESTS_PER_SECOND: '0' };

/** Creates the accounts and their messages; returns the accounts, and the sessions that views open, by name. */
export async function settle(server) {
  const people = {};
  for (const [username, name] of Object.entries(NAMES)) {
    people[username] = await server.account(username);
    await people[username].patch('/me', { display_name: name });
  }
  const sessions = {};
  await quiet(people, sessions);
  await neighbours(people, sessions);
  await garden(people, sessions);
  await film(people, sessions);
  await withLisa(people, sessions);
  await waiting(people);
  return { people, sessions };
}

/** Conversations that only appear in the list. */
async function quiet({ avi, zoya, ken, layla, max, mira }, sessions) {
  sessions.max = await max.direct(avi);
  await max.send(sessions.max, 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen — is that still the longest word you know?');
  sessions.ken = await ken.direct(avi);
  await ken.send(sessions.ken, '来週の土曜日、公園でお花見をしませんか？🌸');
  await avi.send(sessions.ken, 'ぜひ！ I will bring tea.');
  sessions.zoya = await zoya.direct(avi);
  await zoya.send(sessions.zoya, 'Ключи у соседки, второй этаж.');
  sessions.layla = await layla.direct(avi);
  await avi.send(sessions.layla, 'שלום! מתי את חוזרת?');
  await layla.send(sessions.layla, 'مساء الخير! سأعود يوم الخميس، إن شاء الله. هل تسقي النباتات؟');
  await avi.send(sessions.layla, 'Of course — the basil says hello 🌿');
  sessions.long = await avi.group('Everybody who has a key to the shared laundry room in the back building, second staircase', [mira, zoya]);
  await mira.send(sessions.long, 'The dryer is free.');
}

/** A busy group with 200 unread messages. */
async function neighbours({ avi, mira, tomas, ngozi, lisa }, sessions) {
  sessions.neighbours = await tomas.group('Linden Street neighbours', [avi, mira, ngozi, lisa]);
  const talk = ['Has anyone seen a grey cat?', 'She sits on our stairs!', 'Street party on the 12th?', 'I can bring chairs.', '👍', 'And the big table.'];
  const senders = [mira, tomas, ngozi, lisa];
  for (let i = 0; i < 200; i += 1) await senders[i % senders.length].send(sessions.neighbours, i < 194 ? `${talk[i % talk.length]}` : talk[i - 194]);
}

/** A group with all features of groups: mentions, replies, reactions, roles. */
async function garden({ avi, lisa, mira, zoya, ken }, sessions) {
  const group = await mira.group('Garden club 🌿', [avi, lisa, zoya, ken]);
  sessions.garden = group;
  await mira.put(`/sessions/${group.id}/members/lisa`, { role: 'admin' });
  const question = await mira.send(group, 'The tomatoes are in! Who waters on Tuesday?');
  await lisa.send(group, 'I can do Tuesday, if somebody takes Thursday.', { reply_to: question });
  const offer = await avi.send(group, 'Thursday is mine.', { reply_to: question });
  await zoya.send(group, 'Спасибо, @avi! I will leave the can by the shed.');
  for (const who of [mira, lisa, zoya]) await react(who, group, offer, '🍅');
  for (const who of [lisa, ken]) await react(who, group, offer, '❤️');
  await ken.send(group, 'Notes from last year: https://garden.example/linden-street/watering-plan?season=summer');
  await avi.put(`/sessions/${group.id}/read`, { seq: (await avi.get(`/sessions/${group.id}`)).session.seq });
}

/** A room with a code. */
async function film({ avi, lisa, tomas }, sessions) {
  const room = await avi.room('Film night');
  sessions.film = room;
  for (const who of [lisa, tomas]) await who.join(room.code);
  await tomas.send(room, 'Friday at eight, my place. Bring a cushion.');
  await lisa.send(room, '🎬🍿');
}

/** Every kind of message between two people. */
async function withLisa({ avi, lisa }, sessions) {
  const direct = await avi.direct(lisa);
  sessions.lisa = direct;
  await lisa.send(direct, 'Good morning! Did the parcel come?');
  const parcel = await avi.send(direct, 'It did — a whole crate of apples.');
  await avi.send(direct, 'Far too many for one person.');
  await react(lisa, direct, parcel, '🍎');
  await lisa.send(direct, 'Then there will be cake.', { reply_to: parcel });
  const typo = await lisa.send(direct, 'At fuor?');
  await lisa.patch(`/sessions/${direct.id}/messages/${typo}`, { text: 'At four?' });
  const slip = await avi.send(direct, 'I will have eaten them all by then');
  await avi.delete(`/sessions/${direct.id}/messages/${slip}`);
  await avi.send(direct, 'At four.\nI bring cinnamon, you bring:\n– flour\n– patience');
  await lisa.send(direct, '🥧🥰');
  const recipe = await lisa.send(direct, 'The recipe, so that you can read it first: https://cake.example/apple');
  await avi.put(`/sessions/${direct.id}/read`, { seq: recipe });
  await lisa.put(`/sessions/${direct.id}/read`, { seq: recipe });
}

/** Invites to Avi, and one by him. */
async function waiting({ avi, ngozi, tomas, max }) {
  await avi.patch('/me', { accepts: 'invited' });
  await ngozi.post('/invites', { username: 'avi' });
  const club = await tomas.group('Book club', []);
  await tomas.post('/invites', { username: 'avi', session: club.id });
  await max.patch('/me', { accepts: 'invited' });
}

function react(who, session, seq, emoji) {
  return who.put(`/sessions/${session.id}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`);
}
