// Swagger has a dark scheme of its own, named by a class of the page: it follows the site's.
"use strict";

(() => {
  const page = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () =>
    page.classList.toggle("dark-mode", page.dataset.theme ? page.dataset.theme === "dark" : system.matches);
  new MutationObserver(follow).observe(page, { attributeFilter: ["data-theme"] });
  system.addEventListener("change", follow);
  follow();
})();
