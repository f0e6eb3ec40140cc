/* The page of embed codes: what was chosen shows at once, and codes are copied by a button. */
"use strict";

const form = document.querySelector("#choices");
const said = document.querySelector("#said");
let asking;

function address() {
  const given = new FormData(form);
  for (const [name, value] of [...given]) if (value === "") given.delete(name);
  return `${form.action}?${new URLSearchParams(given)}`;
}

async function show() {
  if (!form.checkValidity()) return;
  asking?.abort();
  asking = new AbortController();
  const chosen = address();
  try {
    const answer = await fetch(chosen, { headers: { Accept: "text/html" }, signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("#made").replaceWith(document.adoptNode(page.querySelector("#made")));
    history.replaceState(null, "", chosen);
    offer();
  } catch (error) {
    if (error.name !== "AbortError") location.href = chosen; // then the page itself says what is wrong
  }
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copies);
  text.select(); // stays chosen where the clipboard is not ours to write
  try {
    await navigator.clipboard.writeText(text.value);
  } catch {
    document.execCommand("copy");
  }
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = button.dataset.said)); // the same words are said again
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 2000);
}

function offer() {
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

form.addEventListener("change", show);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
offer();
