/** Light or dark: the system's choice until the person makes one, which is then kept. */
type Shade = 'light' | 'dark';

const key = 'atelier.theme';

export class Theme {
  #chosen: Shade | null = $state(null);
  #system: Shade = $state('light');
  readonly shade: Shade = $derived(this.#chosen ?? this.#system);

  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'>,
    dark: Pick<MediaQueryList, 'matches' | 'addEventListener'>,
  ) {
    const kept = storage.getItem(key);
    this.#chosen = kept === 'light' || kept === 'dark' ? kept : null;
    this.#system = dark.matches ? 'dark' : 'light';
    dark.addEventListener('change', (event) => {
      this.#system = event.matches ? 'dark' : 'light';
      this.apply();
    });
  }

  toggle(): void {
    this.#chosen = this.shade === 'dark' ? 'light' : 'dark';
    this.storage.setItem(key, this.#chosen);
    this.apply();
  }

  /** Hands the shade to the style sheets. */
  apply(): void {
    document.documentElement.dataset.theme = this.shade;
  }
}
