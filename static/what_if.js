// Inputs beside a verdict: while they are moved, the answer below follows. Without this script a button asks for it.
"use strict";

for (const form of document.querySelectorAll("[data-what-if]")) {
  const answer = document.querySelector(form.dataset.whatIf);
  let waiting = 0;
  let asked = 0;

  const ask = async () => {
    const number = (asked += 1);
    const query = new URLSearchParams(new FormData(form));
    try {
      const response = await fetch(`${form.action}?${query}`, { headers: { "X-Fragment": "answer" } });
      const html = await response.text();
      if (number === asked && (response.ok || response.status === 422)) answer.innerHTML = html; // not an older one
    } catch {
      if (number === asked) answer.textContent = "The site cannot be reached; the answer is not that of these numbers.";
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  form.addEventListener("reset", () => setTimeout(ask));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
}
