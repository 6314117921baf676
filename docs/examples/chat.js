import { openQuestionsOf, readTurn } from "./chat-messages.js";

const session = (location.hash ||= `#chat-${crypto.randomUUID().slice(0, 8)}`).slice(1);
const path = `/sessions/${encodeURIComponent(session)}`;
const reader = crypto.randomUUID();
const messages = [];
/** What this page sent, each with the number of messages that stood before it. */
const sent = [];
let isFollowing = false;

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const byId = (id) => document.getElementById(id);
const tell = (problem) => (byId("trouble").textContent = problem);

async function post(where, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(where, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail ?? told.title);
  return told;
}

async function open(after) {
  const headers = { accept: "text/event-stream", "last-event-id": String(after) };
  const answer = await fetch(`${path}/events?as=ui-messages&live=true&reader=${reader}`, { headers });
  if (!answer.ok) throw new Error((await answer.json()).detail);
  return answer.body.pipeThrough(new TextDecoderStream());
}

/** One run after the other: a stream ends with the run that it is about. */
async function follow() {
  if (isFollowing) return;
  isFollowing = true;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 500));
  try {
    for (let after = 0; ;) after = await readTurn({ messages, after, open, onChange: show, pause });
  } catch (error) {
    tell(error.message);
  } finally {
    isFollowing = false;
  }
}

function show() {
  const items = messages.map((message) => articleOf(message));
  // From the last one, so that the numbers of those before still hold.
  for (const { text, before } of sent.toReversed())
    items.splice(before, 0, element("article", { className: "mine" }, element("p", { textContent: text })));
  // A form that somebody is writing in stays as it is.
  if (!byId("talk").contains(document.activeElement)) byId("talk").replaceChildren(...items);
}

function articleOf(message) {
  const steps = message.parts.filter(({ type }) => type === "data-step").map(({ data }) => data);
  const texts = message.parts.filter(({ type }) => type === "text");
  const waiting = steps.map(({ agent, step, status }) => `${agent ?? step}: ${status}`).join(" · ");
  return element(
    "article",
    {},
    element("div", { className: "steps", textContent: waiting }),
    ...texts.map(({ text }) => element("p", { textContent: text })),
    ...(message.error === undefined ? [] : [element("p", { textContent: `It failed: ${message.error}` })]),
    ...openQuestionsOf(message).map(formOf),
  );
}

/** The sample asks for a decision, and takes a note. */
function formOf({ ask, question }) {
  const decision = element("input", { name: "decision", required: true, placeholder: "decision" });
  const note = element("input", { name: "note", placeholder: "note" });
  const form = element("form", {}, decision, note, element("button", { textContent: "Answer" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const value = { decision: decision.value, ...(note.value !== "" && { note: note.value }) };
    document.activeElement?.blur();
    post(`${path}/asks/${encodeURIComponent(ask)}`, { value }).then(
      () => tell(""),
      (error) => tell(error.message),
    );
  });
  return element("section", {}, element("p", { textContent: question ?? "A person is asked." }), form);
}

byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const { text } = event.target.elements;
  post(`${path}/events`, {
    id: crypto.randomUUID(),
    type: "MessageReceived",
    live: true,
    data: { text: text.value },
  })
    .then(() => {
      sent.push({ text: text.value, before: messages.length });
      text.value = "";
      tell("");
      show();
      return follow();
    })
    .catch((error) => tell(error.message));
});
