/** Writes what a page has found into it, as JSON: a strict policy lets nobody evaluate text in it. */
export async function report(main: () => Promise<object>): Promise<void> {
  const found = await main().catch((error: unknown) => ({ error: String(error) }));
  const element = document.createElement("pre");
  element.id = "report";
  element.textContent = JSON.stringify(found);
  document.body.append(element);
}
