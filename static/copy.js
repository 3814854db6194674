// Copies the text that a button names, and says so for a moment. Without this script the button stays hidden.
"use strict";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    const name = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select it and copy";
      }
      setTimeout(() => (button.textContent = name), 2000);
    });
  }
}
