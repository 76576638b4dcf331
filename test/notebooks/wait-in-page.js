// Runs in the browser's page (lab.ts): waits until the notebook has stayed as it is for some milliseconds and, if asked
// for, until nothing runs. Answers whether that came about in time.
({ quiet, atMost, running }) =>
  new Promise((resolve) => {
    const panel = document.querySelector(".jp-NotebookPanel .jp-WindowedPanel-outer");
    const busy = () =>
      running &&
      (document.querySelector(".jp-NotebookPanel .jp-Notebook-ExecutionIndicator")?.dataset.status !== "idle" ||
        [...panel.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")].some((prompt) =>
          prompt.textContent.includes("*"),
        ));
    let timer;
    const end = (came) => {
      clearTimeout(timer);
      clearTimeout(limit);
      observer.disconnect();
      panel.removeEventListener("scroll", wait);
      resolve(came);
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (busy() ? wait() : end(true)), quiet);
    };
    const observer = new MutationObserver(wait);
    const limit = setTimeout(() => end(false), atMost);
    observer.observe(panel, { subtree: true, childList: true, attributes: true, characterData: true });
    panel.addEventListener("scroll", wait);
    wait();
  });
