/** The page's way to the server: one function per call, and the stream of what is new. */

const UNREACHABLE = "The assistant can't be reached. What you typed is still here: try again in a moment.";

/** A call that did not succeed; its message is a sentence for the person. */
export class CallFailed extends Error {
  constructor(sentence, status, body = {}) {
    super(sentence);
    this.status = status;
    this.body = body;
  }
}

export const people = () => call("people");
export const places = (as) => call(`places?${query({ as })}`);
export const messages = (as, place, after) => call(`messages?${query({ as, in: place, after })}`);
export const gallery = () => call("gallery");
export const clock = () => call("clock");
export const setClock = (now) => call("clock", { now });
export const say = (as, place, text) => call("say", { as, in: place, text });
export const press = (as, message, button) => call("press", { as, message, button });
export const submit = (as, session, values) => call("submit", { as, session, values });

/**
 * Listen to what is new for *as*, until the returned function is called.
 * @param {{message: Function, clock: Function, open: Function, lost: Function}} heard
 */
export function listen(as, heard) {
  let source = null;
  let retry = null;
  let wait = 500;

  function connect() {
    source = new EventSource(`/local/api/stream?${query({ as })}`);
    source.onopen = () => {
      wait = 500;
      heard.open();
    };
    source.onmessage = (event) => heard.message(JSON.parse(event.data));
    source.addEventListener("clock", (event) => heard.clock(JSON.parse(event.data)));
    source.onerror = () => {
      heard.lost();
      // A browser tries again by itself after a broken line, but not after an answer like 502.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(connect, wait);
      wait = Math.min(wait * 2, 10000);
    };
  }

  connect();
  return () => {
    clearTimeout(retry);
    source.close();
  };
}

async function call(path, body) {
  const options =
    body === undefined
      ? {}
      : {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
        };
  let response;
  try {
    response = await fetch(`/local/api/${path}`, options);
  } catch {
    throw new CallFailed(UNREACHABLE, 0);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new CallFailed(answer?.error || fallback(response.status), response.status, answer ?? {});
}

function fallback(status) {
  return `That did not work (answer ${status}). What you typed is still here: try again in a moment.`;
}

function query(parameters) {
  const known = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URLSearchParams(known).toString();
}
