// What a page does beyond showing itself: light or dark as the reader chose, buttons
// that copy code, and scrolling by keyboard. Without it everything can still be read.

const chosen = (() => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage is switched off
  }
})();
if (chosen) document.documentElement.dataset.theme = chosen; // before anything is shown

const isDark = () =>
  document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;

function themeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "theme";
  const name = () => (button.textContent = isDark() ? "☀ Light" : "☾ Dark");
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // it holds for this page then
    }
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
  document.querySelector("header.top").append(button);
}

function copyButtons() {
  if (!navigator.clipboard) return; // as on a page served without encryption
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  document.body.append(said);
  for (const code of document.querySelectorAll(".code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy the code");
    button.addEventListener("click", async () => {
      let outcome = "Copied";
      try {
        await navigator.clipboard.writeText(code.querySelector("code").textContent);
      } catch {
        outcome = "Not allowed";
      }
      button.textContent = said.textContent = outcome;
      setTimeout(() => {
        button.textContent = "Copy";
        said.textContent = "";
      }, 2000);
    });
    code.append(button);
  }
}

// What is larger than its box scrolls, and so must be reachable by keyboard.
function scrollByKeyboard() {
  for (const box of document.querySelectorAll("pre, .scroll, math[display=block]")) {
    const scrolls =
      box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

document.addEventListener("DOMContentLoaded", () => {
  themeButton();
  copyButtons();
  scrollByKeyboard();
  addEventListener("resize", scrollByKeyboard);
  addEventListener("toggle", scrollByKeyboard, true);
  const contents = document.querySelector(".contents details");
  if (contents && matchMedia("(width < 70rem)").matches) contents.open = false;
  // Paper has no folds; the screen has them again afterwards.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open])")];
    unfolded.forEach((part) => (part.open = true));
  });
  addEventListener("afterprint", () => unfolded.forEach((part) => (part.open = false)));
});
