// The emoji of the picker, each with a name for screen readers.

/** @type {{name: string, emoji: [string, string][]}[]} */
export const GROUPS = [
  {
    name: 'Often used',
    emoji: [['👍', 'thumbs up'], ['❤️', 'heart'], ['😂', 'tears of joy'], ['🎉', 'party'], ['😮', 'surprised'], ['🙏', 'thank you'], ['👀', 'eyes'], ['✅', 'done']],
  },
  {
    name: 'Faces',
    emoji: [
      ['🙂', 'smile'], ['😄', 'laugh'], ['😉', 'wink'], ['😊', 'happy'], ['😍', 'in love'], ['😎', 'cool'], ['🤔', 'thinking'], ['🙄', 'rolling eyes'],
      ['😅', 'relieved'], ['😴', 'asleep'], ['😢', 'sad'], ['😭', 'crying'], ['😡', 'angry'], ['🤯', 'mind blown'], ['🥳', 'celebrating'], ['🤗', 'hug'],
    ],
  },
  {
    name: 'Hands and people',
    emoji: [['👋', 'wave'], ['👏', 'applause'], ['👌', 'fine'], ['👎', 'thumbs down'], ['✌️', 'peace'], ['💪', 'strong'], ['🤝', 'handshake'], ['🙌', 'hooray']],
  },
  {
    name: 'Things',
    emoji: [['🔥', 'fire'], ['⭐', 'star'], ['💡', 'idea'], ['☕', 'coffee'], ['🍰', 'cake'], ['🌱', 'plant'], ['☀️', 'sun'], ['🚀', 'rocket']],
  },
];
