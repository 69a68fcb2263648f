export const log = { title: '' };
