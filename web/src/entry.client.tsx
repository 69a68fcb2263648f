// Pages are not hydrated; their live parts are the *.live.ts modules.
export {};
