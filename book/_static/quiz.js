// Counts a reader's tries at each quiz. The quiz works without this script: every option opens on its explanation.
document.addEventListener("DOMContentLoaded", () => {
  for (const quiz of document.querySelectorAll(".quiz")) {
    const right = Number(quiz.dataset.right);
    const status = quiz.querySelector(".quiz-status");
    const tried = new Set();
    const found = new Set();

    const result = (isRight) => {
      if (found.size < right) {
        const more = right === 1 ? "Try another." : `${found.size} of ${right} right options found.`;
        return `${isRight ? "Right." : "Not this one."} ${more}`;
      }
      return tried.size === right ? "Right at the first try." : `Right, after ${tried.size} tries.`;
    };

    for (const option of quiz.querySelectorAll(".quiz-option")) {
      option.addEventListener("toggle", () => {
        if (!option.open || tried.has(option) || found.size === right) return;
        const isRight = option.dataset.correct === "true";
        tried.add(option);
        if (isRight) found.add(option);
        status.textContent = result(isRight);
      });
    }
  }
});
