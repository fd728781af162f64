# SPDX-License-Identifier: GPL-3.0-or-later
"""German: The shot, its words, characters, LoRAs and source."""

WORDS = {
    "This engine reads no seed, so it makes one take: another would be the same": (
        "Diese Engine liest keinen Startwert, darum macht sie einen Take: ein weiterer wäre derselbe"
    ),
    "This scene has no shot yet: add one to the list": (
        "Diese Szene hat noch keinen Shot: fügen Sie der Liste einen hinzu"
    ),
    "Add a character to this scene's list, and to the shot": (
        "Der Liste dieser Szene und dem Shot eine Figur hinzufügen"
    ),
    "Add Character": "Figur hinzufügen",
    "Remove the character from this scene and from all its shots; its pictures stay on disk": (
        "Die Figur aus dieser Szene und allen ihren Shots entfernen; ihre Bilder bleiben auf der Platte"
    ),
    "Remove Character": "Figur entfernen",
    "Put the character into the shot, or take it out": "Die Figur in den Shot nehmen oder aus ihm heraus",
    "In This Shot": "In diesem Shot",
    "Add pictures of the character; different sides help": "Bilder der Figur hinzufügen; verschiedene Seiten helfen",
    "Add Pictures": "Bilder hinzufügen",
    "Take the picture off the character; it stays on disk": "Das Bild von der Figur nehmen; es bleibt auf der Platte",
    "Remove Picture": "Bild entfernen",
    "Character": "Figur",
    "Which character": "Welche Figur",
    "Folder": "Ordner",
    "Folder of the pictures": "Ordner der Bilder",
    "Picture": "Bild",
    "Its place among the character's": "Sein Platz unter denen der Figur",
    "There is no character yet: add one": "Es gibt noch keine Figur: fügen Sie eine hinzu",
    "No picture was chosen": "Es wurde kein Bild gewählt",
    "A character has pictures and is meant to look alike in every shot that it is in": (
        "Eine Figur hat Bilder und soll in jedem Shot, in dem sie vorkommt, gleich aussehen"
    ),
    "Picture of the character on disk": "Bild der Figur auf der Platte",
    "Active Picture": "Aktives Bild",
    "Picture that is shown large": "Bild, das groß gezeigt wird",
    "The character appears in this shot": "Die Figur kommt in diesem Shot vor",
    "How closely the clip keeps to the character's pictures, for engines that can weigh it": (
        "Wie eng sich der Clip an die Bilder der Figur hält, für Engines, die das gewichten können"
    ),
    "Draft": "Entwurf",
    "Fastest, to judge movement": "Am schnellsten, um Bewegung zu beurteilen",
    "Standard": "Standard",
    "For most shots": "Für die meisten Shots",
    "Final": "Endfassung",
    "Slowest and best": "Am langsamsten und am besten",
    "Add a LoRA to the shot": "Dem Shot ein LoRA hinzufügen",
    "Add LoRA": "LoRA hinzufügen",
    "Take the LoRA off the shot; its file stays": "Das LoRA vom Shot nehmen; seine Datei bleibt",
    "Remove LoRA": "LoRA entfernen",
    "LoRAs that the daemon has": "LoRAs, die der Daemon hat",
    "LoRAs": "LoRAs",
    "LoRA": "LoRA",
    "Name of its file; may be empty": "Name seiner Datei; darf leer sein",
    "This shot has no LoRA": "Dieser Shot hat kein LoRA",
    "The daemon tells them when it runs": "Der Daemon nennt sie, wenn er läuft",
    "Name of its file in the daemon's folder of LoRAs, without .safetensors": (
        "Name seiner Datei im LoRA-Ordner des Daemons, ohne .safetensors"
    ),
    "How much of it is added to the model; below 0 it is taken away": (
        "Wie viel davon zum Modell kommt; unter 0 wird es abgezogen"
    ),
    "Use": "Benutzen",
    "Use this LoRA for the shot": "Dieses LoRA für den Shot benutzen",
    "Write the prompt in a Text block, in the Text Editor: for prompts of more than a line": (
        "Den Prompt in einem Textblock schreiben, im Texteditor: für Prompts von mehr als einer Zeile"
    ),
    "Edit as Text": "Als Text bearbeiten",
    "Take up this prompt again": "Diesen Prompt wieder aufnehmen",
    "Use Prompt": "Prompt benutzen",
    "Shoot with the seed of the shot's last take from now on, or draw a new one for every take again": (
        "Ab jetzt mit dem Seed des letzten Takes dieses Shots aufnehmen oder wieder für jeden Take einen neuen ziehen"
    ),
    "Keep Seed": "Seed behalten",
    "Use these words for the style": "Diese Worte für den Stil benutzen",
    "Use Style": "Stil benutzen",
    "Words to use": "Worte, die benutzt werden",
    "Prompts of this file's takes, the latest first": "Prompts der Takes dieser Datei, die neuesten zuerst",
    "Earlier Prompts": "Frühere Prompts",
    "Looks to begin from": "Looks für den Anfang",
    "Styles": "Stile",
    "No take of this file has a prompt yet": "Noch kein Take dieser Datei hat einen Prompt",
    "None": "Nichts",
    "Stop this; every scene setting is as it was": "Dies anhalten; jede Einstellung der Szene ist, wie sie war",
    "Go on from what failed: send, run or fetch it again": (
        "Weitermachen, wo es fehlschlug: noch einmal senden, ausführen oder holen"
    ),
    "Try Again": "Erneut versuchen",
    "Put the message away; a job that can still go on is cancelled": (
        "Die Meldung weglegen; ein Auftrag, der noch weitergehen kann, wird abgebrochen"
    ),
    "The daemon's number of the job": "Die Nummer des Auftrags beim Daemon",
    "Job to cancel; empty for the capture": "Auftrag, der abgebrochen wird; leer für die Aufnahme",
    "Add a shot to this scene": "Dieser Szene einen Shot hinzufügen",
    "Add Shot": "Shot hinzufügen",
    "Remove the shot from the list; its takes stay on disk and on the timeline": (
        "Den Shot von der Liste nehmen; seine Takes bleiben auf der Platte und auf der Zeitleiste"
    ),
    "Remove Shot": "Shot entfernen",
    "Add a copy of the shot with its references; takes stay with the original": (
        "Eine Kopie des Shots mit seinen Referenzen hinzufügen; Takes bleiben beim Original"
    ),
    "Duplicate Shot": "Shot duplizieren",
    "Add a copy of the shot to that scene, with its range, size, references and characters; takes stay": (
        "Der Szene eine Kopie des Shots mit Bereich, Größe, Referenzen und Figuren hinzufügen; Takes bleiben"
    ),
    "Copy Shot to Scene": "Shot in Szene kopieren",
    "Name of the scene that gets the copy": "Name der Szene, die die Kopie bekommt",
    "Copy the shot to another scene of this file": "Den Shot in eine andere Szene dieser Datei kopieren",
    "This file has no other scene": "Diese Datei hat keine andere Szene",
    "Move the shot in the list": "Den Shot in der Liste verschieben",
    "Move Shot": "Shot verschieben",
    "Options": "Optionen",
    "Region and Mattes": "Region und Masken",
    "Source Clip": "Quellclip",
    "Characters": "Figuren",
    "Before You Shoot": "Vor dem Drehen",
    "Best Engine Here": "Beste Engine hier",
    "Shooting": "Dreharbeiten",
    "A shot is a camera, a frame range and the pictures that the clip is to match.": (
        "Ein Shot ist eine Kamera, ein Framebereich und die Bilder, denen der Clip gleichen soll."
    ),
    "Asking the daemon": "Der Daemon wird gefragt",
    "The plan comes when the daemon runs": "Der Plan kommt, wenn der Daemon läuft",
    "The scene's own render size": "Die Rendergröße der Szene",
    "Custom": "Eigene",
    "A size of your own": "Eine Größe nach Wahl",
    "Lit": "Beleuchtet",
    "With the scene's own materials, lights and world; Solid where there is no graphics card": (
        "Mit Materialien, Lichtern und Welt der Szene; Solid, wo es keine Grafikkarte gibt"
    ),
    "Solid": "Solid",
    "Textures in even light: fast": "Texturen in gleichmäßigem Licht: schnell",
    "As the Viewport": "Wie die Ansicht",
    "As the largest viewport is set up, outlines left out": "Wie die größte Ansicht eingestellt ist, ohne Umrisse",
    "Everything": "Alles",
    "All of a clip that is edited may change": "Alles an einem bearbeiteten Clip darf sich ändern",
    "Object": "Objekt",
    "What one object shows, and the instances that it makes": "Was ein Objekt zeigt, und die Instanzen, die es macht",
    "Material": "Material",
    "What is made of one material": "Was aus einem Material ist",
    "Collection": "Sammlung",
    "What the objects of one collection show, and the instances that they make": (
        "Was die Objekte einer Sammlung zeigen, und die Instanzen, die sie machen"
    ),
    "Camera that the clip follows; empty for the scene's own": "Kamera, der der Clip folgt; leer für die der Szene",
    "Scene Range": "Szenenbereich",
    "Shoot the scene's own frame range": "Den Framebereich der Szene drehen",
    "First scene frame of the shot": "Erster Szenenframe des Shots",
    "Last Frame": "Letzter Frame",
    "Last scene frame of the shot, shown too": "Letzter Szenenframe des Shots, auch er wird gezeigt",
    "Handles Before": "Überhang davor",
    "Frames shot before the first one and hidden by the strip, to cut or fade with": (
        "Frames, die vor dem ersten gedreht und vom Streifen verdeckt werden, zum Schneiden oder Überblenden"
    ),
    "After": "Danach",
    "Frames shot after the last one and hidden by the strip, to cut or fade with": (
        "Frames, die nach dem letzten gedreht und vom Streifen verdeckt werden, zum Schneiden oder Überblenden"
    ),
    "Size": "Größe",
    "Size and aspect of the clip": "Größe und Seitenverhältnis des Clips",
    "Width": "Breite",
    "Width of the clip in pixels": "Breite des Clips in Pixeln",
    "Height": "Höhe",
    "Height of the clip in pixels": "Höhe des Clips in Pixeln",
    "Duration": "Dauer",
    "How long the shot is; setting it moves its last frame": (
        "Wie lang der Shot ist; sie einzustellen verschiebt seinen letzten Frame"
    ),
    "What the clip shows, for engines that read it. --no, --ar, --seed and --motion set what they say": (
        "Was der Clip zeigt, für Engines, die es lesen. --no, --ar, --seed und --motion stellen ein, was sie sagen"
    ),
    "Text": "Text",
    "Text block whose words are the prompt, for longer ones; it is edited in the Text Editor": (
        "Textblock, dessen Worte der Prompt sind, für längere; er wird im Texteditor bearbeitet"
    ),
    "Avoid": "Vermeiden",
    "What the clip is to keep clear of": "Wovon der Clip frei bleiben soll",
    "How the clip looks: film stock, medium, light": "Wie der Clip aussieht: Filmmaterial, Technik, Licht",
    "Style Picture": "Stilbild",
    "Picture whose look the clip is to have, in place of the style's words": (
        "Bild, dessen Look der Clip haben soll, statt der Worte des Stils"
    ),
    "Style Strength": "Stilstärke",
    "How far the clip goes towards the style; 0 leaves it as it is": (
        "Wie weit der Clip zum Stil hin geht; 0 lässt ihn, wie er ist"
    ),
    "Random Seed": "Zufälliger Startwert",
    "Draw a new seed for every take; the take remembers it": (
        "Für jeden Take einen neuen Startwert ziehen; der Take merkt ihn sich"
    ),
    "Motion": "Bewegtheit",
    "How much the things in the picture may move by themselves": (
        "Wie sehr sich die Dinge im Bild von selbst bewegen dürfen"
    ),
    "Variations": "Variationen",
    "Takes to make with a seed each; the one that keeps to its camera best lands, the others are kept": (
        "Takes, die mit je einem Startwert gemacht werden; der kameratreueste landet, die anderen werden behalten"
    ),
    "Retries": "Wiederholungen",
    "How often a take that follows another camera is made again with the next seed": (
        "Wie oft ein Take, der einer anderen Kamera folgt, mit dem nächsten Startwert noch einmal gemacht wird"
    ),
    "Fit References": "Referenzen einpassen",
    "Measure whether references show what their camera sees; align what is little off, refuse others": (
        "Messen, ob Referenzen zeigen, was ihre Kamera sieht; ausrichten, was wenig daneben liegt, anderes ablehnen"
    ),
    "Captured With": "Aufgenommen mit",
    "Cycles": "Cycles",
    "What draws depth and the scene's colours; without a window it is always Cycles": (
        "Was Tiefe und Farben der Szene zeichnet; ohne Fenster ist es immer Cycles"
    ),
    "Fast; its depth does not see through leaves and fences that are cut from a picture": (
        "Schnell; seine Tiefe sieht nicht durch Blätter und Zäune, die aus einem Bild ausgeschnitten sind"
    ),
    "Slower: renders of one sample, whose depth sees through what is cut from a picture": (
        "Langsamer: Renderbilder mit einem Sample, deren Tiefe durch Ausgeschnittenes hindurchsieht"
    ),
    "Motion Blur": "Bewegungsunschärfe",
    "How long the clip's shutter is open for each frame, 180° as on film, 0° for no blur; the master stays sharp": (
        "Wie lange der Verschluss des Clips je Frame offen ist, 180° wie beim Film, 0° für keine Unschärfe; der "
        "Master bleibt scharf"
    ),
    "Use Scene Colours": "Farben der Szene benutzen",
    "Capture the scene's own colours too, to fill in what no reference shows": (
        "Auch die Farben der Szene aufnehmen, um zu füllen, was keine Referenz zeigt"
    ),
    "Drawn": "Gezeichnet",
    "How a window draws the scene's colours": "Wie ein Fenster die Farben der Szene zeichnet",
    "Where a clip may be changed, for engines that edit one; it follows what it is made of": (
        "Wo ein Clip geändert werden darf, für Engines, die einen bearbeiten; sie folgt dem, woraus sie besteht"
    ),
    "What the region shows": "Was die Region zeigt",
    "The region is everything else, the sky too: to change the background and keep the subject": (
        "Die Region ist alles andere, auch der Himmel: um den Hintergrund zu ändern und das Motiv zu behalten"
    ),
    "Capture Names": "Namen aufnehmen",
    "Capture which object and which material is seen where too, to export as index passes and mattes": (
        "Auch aufnehmen, welches Objekt und welches Material wo zu sehen ist, um es als Index-Passes und Masken zu "
        "exportieren"
    ),
    "What makes the clip": "Was den Clip macht",
    "Active Reference": "Aktive Referenz",
    "Reference that is shown below the list": "Referenz, die unter der Liste gezeigt wird",
    "Active LoRA": "Aktives LoRA",
    "LoRA that is shown below the list": "LoRA, das unter der Liste gezeigt wird",
    "Clip that the shot starts from": "Clip, von dem der Shot ausgeht",
    "What follows the engine": "Was auf die Engine folgt",
    "Active Character": "Aktive Figur",
    "Character that is shown below the list": "Figur, die unter der Liste gezeigt wird",
    "Active Shot": "Aktiver Shot",
    "Shot that the panels below show": "Shot, den die Panels darunter zeigen",
    "Show Path and References": "Pfad und Referenzen zeigen",
    "Draw the shot's path and its references in the viewport and on the timelines": (
        "Den Pfad des Shots und seine Referenzen in der Ansicht und auf den Zeitleisten zeichnen"
    ),
    "Land In": "Landen in",
    "Scene whose sequencer gets the clips; empty for the one that the sequencer shows": (
        "Szene, deren Sequenzer die Clips bekommt; leer für die, die der Sequenzer zeigt"
    ),
    "Capture the shot and have the daemon make the clip; it lands in the sequencer by itself": (
        "Den Shot aufnehmen und den Daemon den Clip machen lassen; er landet von selbst im Sequenzer"
    ),
    "Shoot": "Drehen",
    "Timeout": "Zeitgrenze",
    "Seconds that a script waits for what comes of it": "Sekunden, die ein Skript auf das Ergebnis wartet",
    "Shot to shoot; empty for the active one": "Shot, der gedreht wird; leer für den aktiven",
    "Go to Object Mode first": "Wechseln Sie zuerst in den Objektmodus",
    "Start the shot from the strip that is chosen in the sequencer": (
        "Den Shot mit dem Streifen beginnen, der im Sequenzer gewählt ist"
    ),
    "Use Chosen Strip": "Gewählten Streifen benutzen",
    "A clip to change, or to continue; Region and Mattes says where it may be changed": (
        "Ein Clip zum Ändern oder Fortsetzen; Region und Masken sagt, wo er geändert werden darf"
    ),
    "The shot starts from nothing": "Der Shot geht von nichts aus",
    "Strip": "Streifen",
    "A movie strip: each of its frames is seen when the strip shows it": (
        "Ein Filmstreifen: jeder seiner Frames ist zu sehen, wenn der Streifen ihn zeigt"
    ),
    "A clip on disk, a frame of it for each scene frame": (
        "Ein Clip auf der Platte, ein Frame davon für jeden Szenenframe"
    ),
    "Change": "Ändern",
    "The clip is changed: inside the region, or everywhere where there is none": (
        "Der Clip wird geändert: innerhalb der Region, ohne Region überall"
    ),
    "Continue": "Fortsetzen",
    "The clip is kept, and the shot goes on before or after it": (
        "Der Clip bleibt, und der Shot geht davor oder danach weiter"
    ),
    "Where the clip comes from": "Woher der Clip kommt",
    "Scene whose sequencer has the strip; empty for the shot's own": (
        "Szene, deren Sequenzer den Streifen hat; leer für die des Shots"
    ),
    "Movie strip to start from": "Filmstreifen, von dem ausgegangen wird",
    "Clip": "Clip",
    "Clip on disk": "Clip auf der Platte",
    "Seen From": "Zu sehen ab",
    "Scene frame that shows the clip's first frame": "Szenenframe, der den ersten Frame des Clips zeigt",
    "What is done with the clip": "Was mit dem Clip gemacht wird",
    "How far the shot may go from the clip: 0 keeps it, 1 is free": (
        "Wie weit sich der Shot vom Clip entfernen darf: 0 behält ihn, 1 ist frei"
    ),
    "Magenta: where surfaces end. Arrows: from where points should be to where the picture has them": (
        "Magenta: wo Oberflächen enden. Pfeile: von dort, wo Punkte sein sollten, dorthin, wo das Bild sie hat"
    ),
    "Projection": "Projektion",
    "Your reference pictures, projected along the camera's path": (
        "Ihre Referenzbilder, entlang des Kamerapfads projiziert"
    ),
    "Change the shot so that it can be shot": "Den Shot so ändern, dass er gedreht werden kann",
    "Mend Shot": "Shot in Ordnung bringen",
    "Way": "Weg",
    "What to change": "Was geändert wird",
    "Smaller Size": "Kleinere Größe",
    "Give the clip half its pixels, in the same aspect": (
        "Dem Clip halb so viele Pixel geben, im selben Seitenverhältnis"
    ),
    "Fewer Frames": "Weniger Bilder",
    "As many as the engine makes at most, else half of them: the part with the most references": (
        "So viele, wie die Engine höchstens macht, sonst die Hälfte: der Teil mit den meisten Referenzen"
    ),
    "Built-in Engine": "Eingebaute Engine",
    "Use projection, which needs no weights and little memory": (
        "Projektion verwenden, die keine Gewichte und wenig Speicher braucht"
    ),
    "Longer Range": "Längerer Bereich",
    "Make the shot long enough for all its references": "Den Shot lang genug für alle seine Referenzen machen",
    "Without Them": "Ohne sie",
    "Take the references that lie outside of the shot's range off its list": (
        "Die Referenzen, die außerhalb des Bereichs des Shots liegen, aus seiner Liste nehmen"
    ),
    "Perspective Lens": "Perspektivische Linse",
    "Set the camera's lens type to Perspective": "Die Linse der Kamera auf Perspektive stellen",
    "There is nothing left to change in this way": "Auf diesem Weg lässt sich nichts mehr ändern",
    "Choose the shot and go to its first frame": "Den Shot wählen und zu seinem ersten Bild gehen",
    "Go to Shot": "Zum Shot gehen",
    "Its place in the list; -1 for the chosen one": "Sein Platz in der Liste; -1 für den gewählten",
    "Number": "Nummer",
    "Move Shot Up": "Shot aufwärts",
    "Move Shot Down": "Shot abwärts",
    "What the clip shows": "Was der Clip zeigt",
    "None in this scene": "Keine in dieser Szene",
}
