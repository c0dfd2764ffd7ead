"""Open an issue that says which jobs of the weekly run failed, or add to the one that is open.

Environment: RESULTS, the workflow's `needs` as JSON; RUN, the run's address;
GH_TOKEN and GH_REPO for the program gh, which GitHub's machines have.
"""

import json
import os
import subprocess

TITLE = "The weekly run failed"


def failed_jobs(results: dict[str, dict]) -> list[str]:
    """The jobs that neither succeeded nor were skipped.

    >>> failed_jobs({"links": {"result": "failure"}, "book": {"result": "success"}, "colab": {"result": "skipped"}})
    ['links']
    """
    return [name for name, job in results.items() if job["result"] not in {"success", "skipped"}]


def gh(*arguments: str) -> str:
    """Run gh and return what it prints."""
    return subprocess.run(["gh", *arguments], check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Comment on the open issue of that title, or open one."""
    jobs = ", ".join(failed_jobs(json.loads(os.environ["RESULTS"])))
    body = (
        f"Failed: {jobs}, in {os.environ['RUN']}\n\nCONTRIBUTING.md says what to do, under “When the weekly run fails”."
    )
    listed = json.loads(gh("issue", "list", "--state", "open", "--limit", "500", "--json", "number,title"))
    numbers = [issue["number"] for issue in listed if issue["title"] == TITLE]
    if numbers:
        print(gh("issue", "comment", str(min(numbers)), "--body", body))
    else:
        print(gh("issue", "create", "--title", TITLE, "--body", body))


if __name__ == "__main__":
    main()
