/** An entry of the configuration that stands for one service provider by a metadata file of its own. */
import { openMetadata, type MetadataDocument } from '../../saml/metadata-document.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';
import type { MetadataRules } from '../../saml/index-metadata.ts';
import type { FromMetadata } from '../from-metadata.ts';
import { ageOf, type MetadataAge } from './age.ts';
import type { HeldMetadata, MetadataState } from './held.ts';
import { MetadataFile } from './file.ts';
import type { MetadataWorld } from './world.ts';
import { MetadataTimetable } from './timetable.ts';

const limit = 8_388_608;
const refreshEvery = 60_000;

export class MetadataEntry {
  readonly config: FromMetadata;
  readonly held: HeldMetadata;
  readonly timetable: MetadataTimetable;
  readonly #file: MetadataFile;
  readonly #world: MetadataWorld;

  /**
   * @param text what the file holds now
   * @param isTaken whether that entity ID is the one of another entry; asked of what the file holds later on
   * @throws MetadataMistake where the service provider cannot be made out
   */
  constructor(
    config: FromMetadata,
    file: string,
    text: string,
    world: MetadataWorld,
    isTaken: (entityID: string, by: MetadataEntry) => boolean,
  ) {
    this.config = config;
    this.#world = world;
    const document = openMetadata(Buffer.from(text), this.#rules());
    this.#accept(document);
    this.#file = new MetadataFile(
      file,
      {
        limit,
        rules: () => this.#rules(),
        document,
        accept: (next) => {
          this.#accept(next);
          const entityID = this.#entityIDIn(next);
          if (isTaken(entityID, this))
            throw new MetadataMistake(`it claims the entity ID of another entry, ${entityID.slice(0, 256)}.`);
        },
      },
      { ...world, named: new Set() },
    );
    this.held = this.#file.held;
    this.timetable = new MetadataTimetable(refreshEvery, world);
    this.timetable.succeed();
  }

  /** Who may place the file may say what is in it: it need not be signed. */
  #rules(): MetadataRules {
    const { clock, clockSkew } = this.#world;
    return { keys: [], requireValidUntil: false, validAtMost: undefined, now: clock.now(), clockSkew };
  }

  #entityIDIn({ index }: MetadataDocument): string {
    const [entity, ...others] = index.entities;
    if (this.config.entityId !== undefined) return this.config.entityId;
    const [mistake] = index.mistakes;
    if (entity === undefined && mistake !== undefined) {
      throw new MetadataMistake(mistake.sentence, mistake.line, mistake.element);
    }
    if (entity === undefined) throw new MetadataMistake('it describes no service provider.');
    if (others.length > 0) throw new MetadataMistake('it describes several service providers; say by entityId which is meant.');
    return entity.entityID;
  }

  #accept(document: MetadataDocument): void {
    const entityID = this.#entityIDIn(document);
    if (document.find(entityID, this.#rules()) === undefined) {
      throw new MetadataMistake(`it does not describe ${entityID.slice(0, 256)}.`);
    }
  }

  /** What reports call it: its path. */
  get name(): string {
    return this.config.file ?? '';
  }

  get entityID(): string | undefined {
    return this.held.document === undefined ? undefined : this.#entityIDIn(this.held.document);
  }

  stateOf(entityID: string): MetadataState {
    return this.held.stateOf(entityID);
  }

  get age(): MetadataAge | undefined {
    return ageOf([this.held]);
  }

  /** Reads the file again where it is time to look and it has changed. Does not reject. */
  async refresh(): Promise<void> {
    if (this.#world.clock.now() < this.timetable.dueAt) return;
    this.timetable.succeed();
    await this.#file.refresh();
  }
}
