// What `Reader.show` sets all at once, which tsc cannot see.

export {};

declare module '../../src/http/web/client/views/conversation/reader.js' {
  interface Reader {
    session: Session;
    pending: Pending[];
    written: number;
    begins: number | null;
    view: State['view'];
  }
}
