// The little that pages cannot do alone. Every page works without it.
"use strict";

// Colours: the system's choice, until somebody presses the switch; then the server draws the page in the chosen ones.
const root = document.documentElement;
const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : darkSystem.matches);

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const nameNext = () => {
    button.querySelector("[data-theme-name]").textContent = isDark() ? "Light" : "Dark";
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
    nameNext();
  });
  darkSystem.addEventListener("change", nameNext);
  nameNext();
}

// A menu closes with Escape, and when something else is clicked.
for (const menu of document.querySelectorAll("[data-menu]")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// What is wrong is read out first.
document.getElementById("error-summary")?.focus();

// A link to a field inside a folded group opens the group.
function openAround(target) {
  for (let node = target?.parentElement; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
  }
}
window.addEventListener("hashchange", () => openAround(document.getElementById(location.hash.slice(1))));
openAround(document.getElementById(location.hash.slice(1)));

// Filters of a table act as soon as they are chosen.
for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  for (const select of form.querySelectorAll("select")) {
    select.addEventListener("change", () => form.requestSubmit());
  }
}

// Enter sends what is one line, as in a field of one line; a table that was pasted may be gone on with.
for (const area of document.querySelectorAll("textarea[data-submit-on-enter]")) {
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (!area.value.trim() || area.value.includes("\n")) return;
    event.preventDefault();
    area.form.requestSubmit();
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
