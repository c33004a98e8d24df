// A small neighbourhood that has been talking for a while: names of several scripts, every kind of conversation and of
// message, invitations that wait. What the views are looked at with, by axe, by the layout's tests and in the pictures.

/** Who they are. The longest name is as long as real ones get. */
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

/** For seeding without waiting. */
export const UNHURRIED = { PARLOR_SENDS_PER_SECOND: '0', PARLOR_FRAMES_PER_SECOND: '0', PARLOR_REQUESTS_PER_SECOND: '0' };

/** Makes the people and what they have said; gives the accounts, and the sessions that views open, by name. */
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

/** Conversations that are there to be listed. */
async function quiet({ avi, zoya, ken, layla, max, mira }, sessions) {
  sessions.max = await max.direct(avi);
  await max.say(sessions.max, 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen — is that still the longest word you know?');
  sessions.ken = await ken.direct(avi);
  await ken.say(sessions.ken, '来週の土曜日、公園でお花見をしませんか？🌸');
  await avi.say(sessions.ken, 'ぜひ！ I will bring tea.');
  sessions.zoya = await zoya.direct(avi);
  await zoya.say(sessions.zoya, 'Ключи у соседки, второй этаж.');
  sessions.layla = await layla.direct(avi);
  await avi.say(sessions.layla, 'שלום! מתי את חוזרת?');
  await layla.say(sessions.layla, 'مساء الخير! سأعود يوم الخميس، إن شاء الله. هل تسقي النباتات؟');
  await avi.say(sessions.layla, 'Of course — the basil says hello 🌿');
  sessions.long = await avi.group('Everybody who has a key to the shared laundry room in the back building, second staircase', [mira, zoya]);
  await mira.say(sessions.long, 'The dryer is free.');
}

/** A group that nobody can keep up with: 200 unread. */
async function neighbours({ avi, mira, tomas, ngozi, lisa }, sessions) {
  sessions.neighbours = await tomas.group('Linden Street neighbours', [avi, mira, ngozi, lisa]);
  const talk = ['Has anyone seen a grey cat?', 'She sits on our stairs!', 'Street party on the 12th?', 'I can bring chairs.', '👍', 'And the big table.'];
  const speakers = [mira, tomas, ngozi, lisa];
  for (let i = 0; i < 200; i += 1) await speakers[i % speakers.length].say(sessions.neighbours, i < 194 ? `${talk[i % talk.length]}` : talk[i - 194]);
}

/** A group with everything that groups have: mentions, answers, reactions, roles. */
async function garden({ avi, lisa, mira, zoya, ken }, sessions) {
  const group = await mira.group('Garden club 🌿', [avi, lisa, zoya, ken]);
  sessions.garden = group;
  await mira.put(`/sessions/${group.id}/members/lisa`, { role: 'admin' });
  const question = await mira.say(group, 'The tomatoes are in! Who waters on Tuesday?');
  await lisa.say(group, 'I can do Tuesday, if somebody takes Thursday.', { reply_to: question });
  const offer = await avi.say(group, 'Thursday is mine.', { reply_to: question });
  await zoya.say(group, 'Спасибо, @avi! I will leave the can by the shed.');
  for (const who of [mira, lisa, zoya]) await react(who, group, offer, '🍅');
  for (const who of [lisa, ken]) await react(who, group, offer, '❤️');
  await ken.say(group, 'Notes from last year: https://garden.example/linden-street/watering-plan?season=summer');
  await avi.put(`/sessions/${group.id}/read`, { seq: (await avi.get(`/sessions/${group.id}`)).session.seq });
}

/** A room with a code. */
async function film({ avi, lisa, tomas }, sessions) {
  const room = await avi.room('Film night');
  sessions.film = room;
  for (const who of [lisa, tomas]) await who.join(room.code);
  await tomas.say(room, 'Friday at eight, my place. Bring a cushion.');
  await lisa.say(room, '🎬🍿');
}

/** Every kind of message between two people. */
async function withLisa({ avi, lisa }, sessions) {
  const direct = await avi.direct(lisa);
  sessions.lisa = direct;
  await lisa.say(direct, 'Good morning! Did the parcel come?');
  const parcel = await avi.say(direct, 'It did — a whole crate of apples.');
  await avi.say(direct, 'Far too many for one person.');
  await react(lisa, direct, parcel, '🍎');
  await lisa.say(direct, 'Then there will be cake.', { reply_to: parcel });
  const typo = await lisa.say(direct, 'At fuor?');
  await lisa.patch(`/sessions/${direct.id}/messages/${typo}`, { text: 'At four?' });
  const slip = await avi.say(direct, 'I will have eaten them all by then');
  await avi.delete(`/sessions/${direct.id}/messages/${slip}`);
  await avi.say(direct, 'At four.\nI bring cinnamon, you bring:\n– flour\n– patience');
  await lisa.say(direct, '🥧🥰');
  const recipe = await lisa.say(direct, 'The recipe, so that you can read it first: https://cake.example/apple');
  await avi.put(`/sessions/${direct.id}/read`, { seq: recipe });
  await lisa.put(`/sessions/${direct.id}/read`, { seq: recipe });
}

/** Questions to Avi, and one of his. */
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
