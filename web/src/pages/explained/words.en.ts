export const explained = {
  title: 'How it works',
  lede: 'From an order to a line in a public book, and why nobody can tear that line out.',
  promise: {
    title: 'A shop makes a promise',
    text: 'A shop marks an item: two fen of every sale go to school lunches. How much, to whom and from when is written into the log before the first gift is made under it. The shop is the donor; nothing is added at the checkout.',
  },
  order: {
    title: 'Your order sets it off',
    text: 'When you have received the goods and the order is complete, the marketplace reports it. The promise that stood when you placed the order decides. The gift is worked out in whole fen and written down once; reporting the order again gives the same gift, never a second one. If you send the goods back, the gift is taken back in the same proportion, as a new line. Nothing is erased.',
  },
  place: {
    title: 'Every fen has a place in line',
    text: 'What a shop promises to a project is a queue of fen. Each has a number, counted from the first. Whoever came first moves on first. That is how a fen can later be followed to the meal it helped to pay for. It is a convention, like first in, first out in a warehouse, and we say so wherever we use it.',
    picture: 'A queue of numbered fen. A gift of two fen takes the places 4 and 5.',
    gift: 'your gift',
    first: 'first in, first out',
  },
  log: {
    title: 'The log cannot be rewritten unseen',
    text: 'Each line of the log has a fingerprint. Two fingerprints together make a new one, and so on, up to a single fingerprint of everything. Change one letter anywhere, and the one at the top changes. The operator signs it together with the number of lines: a checkpoint.',
    picture:
      'Eight lines at the bottom; their fingerprints join in pairs, up to one at the top. The way from one line to the top is marked, and the three fingerprints beside that way.',
    line: 'your gift',
    beside: 'in your proof',
    top: 'signed checkpoint',
  },
  proof: {
    title: 'What your proof is',
    text: 'Your proof holds the line, the fingerprints beside its way to the top, and the signed checkpoint: about twenty fingerprints for a million lines. Your browser works its way up and must arrive at exactly what was signed. It needs no trust in this site, only the public key.',
    link: 'Check a proof',
  },
  limits: {
    title: 'What it does not show',
    promised: 'Promised is not paid. Until a payment is confirmed in the log, the amount is owed by the shop.',
    alone:
      'The log is signed by its operator alone. Whoever keeps old checkpoints can show if history was changed: your browser keeps the last one it saw, marketplaces keep theirs.',
    private:
      'People, orders and prices are not in the log, only sealed. A seal can be opened by its holder, and can be made unopenable for good.',
    receipt: 'A proof is not a tax receipt.',
  },
};
