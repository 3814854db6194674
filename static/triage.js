// Rows by keyboard: each key does what a link or button does, none acts in a field, all can be switched off.
"use strict";

(() => {
  const help = document.querySelector("[data-keys]");
  const table = document.querySelector("[data-triage]");
  const own = document.querySelector("[data-triage-row]");
  if (!help || !(table || own)) return;
  const on = help.querySelector("[data-keys-on]");
  help.hidden = false;
  on.checked = localStorage.getItem("keys") !== "off";
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));

  const rows = table ? [...table.querySelectorAll("tr[data-row]")] : [];
  const current = () => own || document.activeElement.closest?.("tr[data-row]");
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  help.after(said);

  function move(step) {
    if (own) {
      document.querySelector(step > 0 ? "[data-next]" : "[data-previous]")?.click();
      return;
    }
    const at = rows.indexOf(current());
    const row = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
    row?.querySelector("[data-open]").focus();
  }

  function show(row, decision) {
    if (decision) row.dataset.decision = decision;
    else delete row.dataset.decision;
    for (const button of row.querySelectorAll(".decide button")) {
      const name = button.textContent.trim().startsWith("Keep") ? "kept" : "rejected";
      const pressed = name === decision;
      button.setAttribute("aria-pressed", String(pressed));
      button.value = pressed ? "clear" : name;
    }
  }

  async function decide(row, decision) {
    const button = row.querySelector(".decide button");
    const body = new FormData(button.form);
    body.set("decision", decision);
    const answer = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) {
      said.textContent = "The decision was not stored. Load the page again.";
      said.className = "notice notice-warning";
      return;
    }
    const { row: number, decision: now } = await answer.json();
    show(row, now);
    said.textContent = `Row ${number} is ${now || "undecided"}.`;
  }

  document.getElementById("mark").addEventListener("submit", (event) => {
    event.preventDefault();
    decide(event.submitter.closest("tr[data-row], [data-triage-row]"), event.submitter.value);
  });

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    1: (row) => row && decide(row, "kept"),
    2: (row) => row && decide(row, "rejected"),
    3: (row) => row && decide(row, "clear"),
    n: (row) => {
      if (own) {
        document.getElementById("id_note").closest("details").open = true;
        document.getElementById("id_note").focus();
      }
      else if (row) location.assign(`${row.querySelector("[data-open]").href}#id_note`);
    },
  };
  document.addEventListener("keydown", (event) => {
    const writes = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (!on.checked || writes || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key](current());
  });
})();
